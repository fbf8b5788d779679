-- A run of the past. $1: run_id, $2: status, $3: start, $4: end or null.
INSERT INTO pipeline_runs (run_id, status, started_at, ended_at) VALUES ($1, $2, $3, $4);
