-- The stages of runs that are over, and did not record how the stage ended; see runs_abandon.sql. $1: now, $2: run_id of the run
-- that notices.
UPDATE pipeline_stage_runs AS stage
SET ended_at = $1,
    status = 'abandoned',
    error_text = coalesce(error_text, 'the run ended without recording a result; seen by run ' || $2::text)
WHERE status = 'running'
  AND run_id <> $2::text
  AND NOT EXISTS (
      SELECT FROM pipeline_runs WHERE pipeline_runs.run_id = stage.run_id AND pipeline_runs.status = 'running'
  );
