-- A stage begins (running), or is passed over (skipped: ended_at and the reason are known at once). Once, also when it is asked for
-- again because the server restarted before it had answered.
-- $1: run_id, $2: stage, $3: now, $4: ended_at or null, $5: status, $6: error_text or null.
INSERT INTO pipeline_stage_runs (run_id, stage_name, started_at, ended_at, status, error_text)
SELECT $1::text, $2::text, $3::timestamp, $4::timestamp, $5::text, $6::text
WHERE NOT EXISTS (
    SELECT FROM pipeline_stage_runs WHERE run_id = $1 AND stage_name = $2 AND started_at = $3 AND status = $5
);
