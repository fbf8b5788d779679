-- The file of a waiting task has other content now: the task begins anew with it. Whoever is working on the old content
-- notices when it is done. $1: id; $2: parameters.
UPDATE scrape_queue
SET task_params = $2, status = 'pending', attempts = 0, last_error = NULL, next_retry_at = NULL
WHERE id = $1 AND status IN ('pending', 'retry', 'in_progress');
