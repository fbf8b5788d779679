-- The stages of runs that died without a word; see runs_abandon.sql. $1: now, $2: run_id of the run that notices.
UPDATE pipeline_stage_runs
SET ended_at = $1,
    status = 'abandoned',
    error_text = coalesce(error_text, 'the run ended without recording a result; seen by run ' || $2::text)
WHERE status = 'running'
  AND run_id <> $2::text;
