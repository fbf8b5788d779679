-- A run begins; the summary comes at its end, until then there is only what tells whether it lives. Runs that died without a word, and
-- their stages, are marked as abandoned; returns those runs. Only the holder of the pipeline's lock asks, so what is still running
-- under that lock is not; a run under another lock (HOURLY_PIPELINE_LOCK_KEY) lives as long as somebody holds that one. The status is
-- compared in the same statement: a result that was written meanwhile stays. $1: now, $2: run_id, $3: the key of the lock that it
-- works under.
WITH held AS (
    -- The other advisory locks of 64 bits that are held here; the server splits the key into two halves.
    SELECT (classid::bigint << 32) | objid::bigint AS lock_key
    FROM pg_locks
    WHERE locktype = 'advisory'
      AND granted
      AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32) | objid::bigint <> $3::bigint
),
abandoned AS (
    UPDATE pipeline_runs
    SET ended_at = $1,
        status = 'abandoned',
        summary_json = coalesce(summary_json, '{}'::jsonb) || jsonb_build_object('abandoned_seen_by', $2::text)
    WHERE status = 'running'
      AND run_id <> $2::text
      AND NOT EXISTS (SELECT FROM held WHERE to_jsonb(held.lock_key) = summary_json -> 'lock_key')
    RETURNING run_id
),
-- Also stages of runs that are over, and did not record how the stage ended.
stages_abandoned AS (
    UPDATE pipeline_stage_runs AS stage
    SET ended_at = $1,
        status = 'abandoned',
        error_text = coalesce(error_text, 'the run ended without recording a result; seen by run ' || $2::text)
    WHERE status = 'running'
      AND run_id <> $2::text
      AND NOT EXISTS (
          SELECT
          FROM pipeline_runs AS run
          WHERE run.run_id = stage.run_id
            AND run.status = 'running'
            AND run.run_id NOT IN (SELECT run_id FROM abandoned)
      )
),
begun AS (
    INSERT INTO pipeline_runs (run_id, started_at, status, summary_json)
    VALUES ($2, $1, 'running', jsonb_build_object('lock_key', $3::bigint))
)
SELECT run_id FROM abandoned;
