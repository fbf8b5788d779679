-- The runs that prune_runs.sql leaves. $1: the time, UTC.
SELECT run_id
FROM pipeline_runs
WHERE status = 'running'
   OR coalesce(ended_at, started_at) >= $1;
