-- How many tasks are in progress that this run has not had: others work on them, or died.
-- $1: folders; $2: tours; $3: ids that this run has had.
SELECT count(*)
FROM scrape_queue AS task
WHERE task.task_type = 'feed_file'
  AND task.task_params ->> 'folder' = ANY ($1)
  AND string_to_array(task.task_params ->> 'tour', ',') && $2::text[]
  AND task.status = 'in_progress'
  AND task.id <> ALL ($3);
