-- A run begins. $1: run_id, $2: now.
INSERT INTO pipeline_runs (run_id, started_at, status)
VALUES ($1, $2, 'running');
