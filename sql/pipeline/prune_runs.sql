-- Removes the runs that ended before a time, with their stages. One that is still running stays, however old it is.
-- $1: the time, UTC.
WITH old AS (
    SELECT run_id
    FROM pipeline_runs
    WHERE status <> 'running'
      AND coalesce(ended_at, started_at) < $1
),
stages AS (
    DELETE FROM pipeline_stage_runs WHERE run_id IN (SELECT run_id FROM old) RETURNING id
),
runs AS (
    DELETE FROM pipeline_runs WHERE run_id IN (SELECT run_id FROM old) RETURNING id
)
SELECT (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM stages) AS stages;
