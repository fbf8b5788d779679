-- Every run, oldest first.
SELECT run_id, status, ended_at IS NOT NULL AS has_ended, summary_json::text AS summary
FROM pipeline_runs
ORDER BY id;
