-- The stages of a run, in order, with their numbers. $1: run_id.
SELECT stage_name, status, started_at, ended_at, error_text, metrics_json AS metrics
FROM pipeline_stage_runs
WHERE run_id = $1
ORDER BY id;
