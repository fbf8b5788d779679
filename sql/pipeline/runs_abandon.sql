-- Runs that died without a word. Only the holder of the pipeline's lock asks, so what is still running is not.
-- The status is compared in the same statement: a result that was written meanwhile stays. $1: now, $2: run_id of
-- the run that notices.
UPDATE pipeline_runs
SET ended_at = $1,
    status = 'abandoned',
    summary_json = coalesce(summary_json, '{}'::jsonb) || jsonb_build_object('abandoned_seen_by', $2::text)
WHERE status = 'running'
  AND run_id <> $2::text
RETURNING run_id;
