-- The files of waiting tasks have other content now: the tasks begin anew with it. Whoever is working on the old content
-- notices when it is done. $1: ids; $2: parameters.
UPDATE scrape_queue
SET task_params = renewed.params, status = 'pending', attempts = 0, last_error = NULL, next_retry_at = NULL
FROM unnest($1::integer[], $2::jsonb[]) AS renewed (id, params)
WHERE scrape_queue.id = renewed.id AND status IN ('pending', 'retry', 'in_progress');
