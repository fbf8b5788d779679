-- The last run that did its work. Other programs may leave ended_at empty: then it is as old as its start.
SELECT run_id, status, coalesce(ended_at, started_at) AS ended_at
FROM pipeline_runs
WHERE status IN ('success', 'partial')
ORDER BY id DESC
LIMIT 1;
