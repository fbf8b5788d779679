-- Removes tasks of feed files that were completed before a time, and the failed ones that they replaced: without the later one
-- the failure would look as if nobody had mended it. What is known of the files themselves stays in feed_files.
-- $1: the time, UTC.
WITH done AS (
    SELECT id, task_params ->> 'folder' AS folder, task_params ->> 'file_name' AS file_name
    FROM scrape_queue
    WHERE task_type = 'feed_file'
      AND status = 'completed'
      AND coalesce(completed_at, created_at) < $1
)
DELETE FROM scrape_queue AS task
WHERE task.id IN (SELECT id FROM done)
   OR (task.task_type = 'feed_file'
       AND task.status = 'failed'
       AND EXISTS (
           SELECT
           FROM done
           WHERE done.folder = task.task_params ->> 'folder'
             AND done.file_name = task.task_params ->> 'file_name'
             AND done.id > task.id
       ));
