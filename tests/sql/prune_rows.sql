-- Runs, tasks and log entries older and newer than 2026-01-10: names that begin with "old" go.
INSERT INTO pipeline_runs (run_id, started_at, ended_at, status)
VALUES ('old-success', '2026-01-01', '2026-01-01 01:00', 'success'),
       ('old-without-end', '2026-01-02', NULL, 'failed'),
       ('20260103T000000Z-00000001', '2026-01-03', NULL, 'running'),
       ('20260104T000000Z-00000002', '2026-01-04', '2026-01-11', 'abandoned'),
       ('new', '2026-01-12', '2026-01-12', 'failed');
INSERT INTO pipeline_stage_runs (run_id, stage_name, started_at, status)
SELECT run_id, stage_name, started_at, status
FROM pipeline_runs, (VALUES ('current_events_ingest'), ('elo_incremental')) AS stage (stage_name);
INSERT INTO update_log (update_type, success, created_at)
VALUES ('player_merge', true, '2026-01-01'),
       ('player_merge', true, '2026-01-11'),
       ('rankings_scrape', true, '2026-01-01');
INSERT INTO scrape_queue (task_type, task_params, priority, status, attempts, max_attempts, created_at, completed_at)
VALUES ('feed_file', '{"folder": "/f", "file_name": "old-replaced"}', 5, 'failed', 3, 3, '2026-01-01', '2026-01-01'),
       ('feed_file', '{"folder": "/f", "file_name": "old-replaced"}', 5, 'completed', 0, 3, '2026-01-02', '2026-01-02'),
       ('feed_file', '{"folder": "/f", "file_name": "failed"}', 5, 'failed', 3, 3, '2026-01-01', '2026-01-01'),
       ('feed_file', '{"folder": "/f", "file_name": "failed again"}', 5, 'completed', 0, 3, '2026-01-02', '2026-01-12'),
       ('feed_file', '{"folder": "/f", "file_name": "failed again"}', 5, 'failed', 3, 3, '2026-01-13', '2026-01-13'),
       ('feed_file', '{"folder": "/f", "file_name": "pending"}', 5, 'pending', 0, 3, '2026-01-01', NULL),
       ('feed_file', '{"folder": "/f", "file_name": "retry"}', 5, 'retry', 1, 3, '2026-01-01', NULL),
       ('feed_file', '{"folder": "/f", "file_name": "in progress"}', 5, 'in_progress', 1, 3, '2026-01-01', NULL),
       ('feed_file', '[]', 5, 'completed', 1, 3, '2026-01-12', '2026-01-12'),
       ('scrape_site', '{"folder": "/f", "file_name": "of others"}', 5, 'completed', 1, 3, '2026-01-01', '2026-01-01');
INSERT INTO player_review_queue (scraped_name, scraped_source, status, created_at, resolved_at)
VALUES ('decided', 'atp', 'resolved', '2026-01-01', '2026-01-02');
