-- The feed files in the queue by status. A task that failed for good stays; when its file changed, another task took its place.
SELECT count(*) FILTER (WHERE status = 'pending') AS pending,
       count(*) FILTER (WHERE status = 'in_progress') AS in_progress,
       count(*) FILTER (WHERE status = 'retry') AS retry,
       count(*) FILTER (WHERE status = 'failed' AND NOT is_replaced) AS failed,
       count(*) FILTER (WHERE status = 'failed' AND is_replaced) AS failed_replaced,
       count(*) FILTER (WHERE status = 'completed') AS completed
FROM (
    SELECT status,
           task_params ->> 'folder' IS NOT NULL
               AND task_params ->> 'file_name' IS NOT NULL
               AND id < max(id) OVER (PARTITION BY task_params ->> 'folder', task_params ->> 'file_name') AS is_replaced
    FROM scrape_queue
    WHERE task_type = 'feed_file'
) AS task;
