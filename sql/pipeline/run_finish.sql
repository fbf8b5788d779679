-- A run ends; nobody else may have ended it. $1: run_id, $2: now, $3: status, $4: summary as JSON text.
UPDATE pipeline_runs
SET ended_at = $2, status = $3, summary_json = $4::text::jsonb
WHERE run_id = $1
  AND status = 'running';
