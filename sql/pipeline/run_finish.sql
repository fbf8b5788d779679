-- A run ends; nobody else may have ended it. Asked for again because the server restarted before it had answered, it finds what it
-- wrote. $1: run_id, $2: now, $3: status, $4: summary as JSON text.
UPDATE pipeline_runs
SET ended_at = $2, status = $3::text, summary_json = $4::text::jsonb
WHERE run_id = $1
  AND (status = 'running' OR (status = $3 AND ended_at = $2));
