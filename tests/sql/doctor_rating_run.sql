-- A run with only the stage that rates. $1: run_id, $2: when, $3: whether it left work over.
WITH run AS (
    INSERT INTO pipeline_runs (run_id, started_at, ended_at, status) VALUES ($1, $2, $2, 'success') RETURNING run_id
)
INSERT INTO pipeline_stage_runs (run_id, stage_name, started_at, ended_at, status, metrics_json)
SELECT run_id, 'elo_incremental', $2, $2, 'success', jsonb_build_object('left_pending', $3::boolean)
FROM run;
