-- A stage ends; nobody else may have ended it. Asked for again because the server restarted before it had answered, it finds what
-- it wrote. $1: run_id, $2: stage, $3: now, $4: status, $5: metrics as JSON text, $6: error_text or null.
UPDATE pipeline_stage_runs
SET ended_at = $3, status = $4::text, metrics_json = $5::text::jsonb, error_text = $6
WHERE run_id = $1
  AND stage_name = $2
  AND (status = 'running' OR (status = $4 AND ended_at = $3));
