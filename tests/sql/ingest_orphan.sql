-- Tasks look as if their worker had died; another program's task stands in the queue too.
UPDATE scrape_queue SET status = 'in_progress', completed_at = NULL;
DELETE FROM feed_files;
INSERT INTO scrape_queue (task_type, task_params, priority, status, attempts, max_attempts, created_at)
VALUES ('tournament_results', '{"tour": "ATP"}', 1, 'pending', 0, 3, '2024-01-01');
