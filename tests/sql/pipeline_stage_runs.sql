-- Every stage of every run, oldest first.
SELECT stage_name, status, ended_at IS NOT NULL AS has_ended, metrics_json::text AS metrics, error_text
FROM pipeline_stage_runs
ORDER BY id;
