-- A stage ends; nobody else may have ended it.
-- $1: run_id, $2: stage, $3: now, $4: status, $5: metrics as JSON text, $6: error_text or null.
UPDATE pipeline_stage_runs
SET ended_at = $3, status = $4, metrics_json = $5::text::jsonb, error_text = $6
WHERE run_id = $1
  AND stage_name = $2
  AND status = 'running';
