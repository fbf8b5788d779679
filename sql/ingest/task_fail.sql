-- A task failed: it is tried again 5, 10, 20 … minutes later, until its attempts are used up; then it stays as failed.
-- $1: id; $2: the error; $3: now, UTC.
UPDATE scrape_queue
SET attempts = attempts + 1,
    status = CASE WHEN attempts + 1 < max_attempts THEN 'retry' ELSE 'failed' END,
    last_error = $2,
    next_retry_at = CASE WHEN attempts + 1 < max_attempts THEN $3::timestamp + interval '5 minutes' * power(2, attempts) END,
    completed_at = CASE WHEN attempts + 1 < max_attempts THEN NULL ELSE $3::timestamp END
WHERE id = $1
RETURNING status, next_retry_at;
