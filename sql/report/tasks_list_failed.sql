-- The feed files whose ingest failed: for good first, then those that are tried again, the next one first. A task that another
-- one of its file has replaced is history. $1: at most so many.
SELECT task.id,
       task.task_params ->> 'folder' AS folder,
       task.task_params ->> 'file_name' AS file_name,
       task.status,
       task.attempts,
       task.max_attempts,
       task.next_retry_at,
       task.last_error
FROM scrape_queue AS task
WHERE task.task_type = 'feed_file'
  AND task.status IN ('retry', 'failed')
  AND NOT EXISTS (
      SELECT
      FROM scrape_queue AS later
      WHERE task.status = 'failed'
        AND later.task_type = 'feed_file'
        AND later.task_params ->> 'folder' = task.task_params ->> 'folder'
        AND later.task_params ->> 'file_name' = task.task_params ->> 'file_name'
        AND later.id > task.id
  )
ORDER BY task.status, task.next_retry_at, task.id
LIMIT $1;
