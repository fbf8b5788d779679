-- The tasks of these folders that are not completed: those that wait after those that failed for good, the latest last. $1: folders.
SELECT id, task_params, task_params ->> 'folder' AS folder, task_params ->> 'file_name' AS file_name, status, next_retry_at,
       last_error
FROM scrape_queue
WHERE task_type = 'feed_file'
  AND status IN ('pending', 'retry', 'in_progress', 'failed')
  AND task_params ->> 'folder' = ANY ($1)
ORDER BY status <> 'failed', id;
