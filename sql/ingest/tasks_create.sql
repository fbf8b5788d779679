-- New tasks, their ids in the given order. $1: parameters; $2: attempts allowed; $3: now, UTC.
INSERT INTO scrape_queue (task_type, task_params, priority, status, attempts, max_attempts, created_at)
SELECT 'feed_file', task.params, 5, 'pending', 0, $2, $3
FROM unnest($1::jsonb[]) WITH ORDINALITY AS task (params, number)
ORDER BY task.number;
