-- A stage begins (running), or is passed over (skipped: ended_at and the reason are known at once).
-- $1: run_id, $2: stage, $3: now, $4: ended_at or null, $5: status, $6: error_text or null.
INSERT INTO pipeline_stage_runs (run_id, stage_name, started_at, ended_at, status, error_text)
VALUES ($1, $2, $3, $4, $5, $6);
