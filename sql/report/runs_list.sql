-- The last runs, newest first. They begin one after the other, under the lock, so ids tell their order also when a clock was
-- set back. $1: at most so many.
SELECT run_id, status, started_at, ended_at, summary_json ->> 'error_text' AS error_text
FROM pipeline_runs
ORDER BY id DESC
LIMIT $1;
