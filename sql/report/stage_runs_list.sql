-- The stages of some runs, each run's in order. $1: run_ids.
SELECT run_id, stage_name, status, started_at, ended_at, error_text
FROM pipeline_stage_runs
WHERE run_id = ANY ($1)
ORDER BY id;
