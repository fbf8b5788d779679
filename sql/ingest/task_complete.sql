-- A task is done; when its file changed meanwhile, it is pending again. $1: id; $2: the parameters that were worked on;
-- $3: now, UTC.
UPDATE scrape_queue
SET status = CASE WHEN task_params = $2 THEN 'completed' ELSE 'pending' END,
    completed_at = CASE WHEN task_params = $2 THEN $3::timestamp END,
    last_error = NULL,
    next_retry_at = NULL
WHERE id = $1;
