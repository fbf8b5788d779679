-- The queue, oldest first.
SELECT task_type, task_params ->> 'file_name' AS file_name, status, attempts, last_error,
       extract(epoch FROM next_retry_at - started_at)::integer AS retry_s
FROM scrape_queue
ORDER BY id;
