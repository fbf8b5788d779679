-- The tasks of the queue in the order in which they are taken.
SELECT task_params ->> 'file_name', priority, status, task_params ->> 'tour'
FROM scrape_queue
WHERE task_type = 'feed_file'
ORDER BY priority, id;
