-- What is left of prune_rows.sql, a line each.
SELECT 'run ' || run_id AS line FROM pipeline_runs
UNION ALL
SELECT DISTINCT 'stages of ' || run_id FROM pipeline_stage_runs
UNION ALL
SELECT 'log ' || update_type || ' ' || created_at::date FROM update_log
UNION ALL
SELECT 'task ' || coalesce(task_params ->> 'file_name', 'without a name') || ' ' || status FROM scrape_queue
UNION ALL
SELECT 'review ' || scraped_name FROM player_review_queue
ORDER BY line;
