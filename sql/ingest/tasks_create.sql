-- New tasks, their ids in the given order. $1: parameters; $2: priorities; $3: attempts allowed; $4: now, UTC.
INSERT INTO scrape_queue (task_type, task_params, priority, status, attempts, max_attempts, created_at)
SELECT 'feed_file', task.params, task.priority, 'pending', 0, $3, $4
FROM unnest($1::jsonb[], $2::integer[]) WITH ORDINALITY AS task (params, priority, number)
ORDER BY task.number;
