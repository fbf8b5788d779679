-- A queue with every status, 30 failed files, one whose file was queued anew, one that names no file, and a task of others.
INSERT INTO scrape_queue (task_type, task_params, priority, status, attempts, max_attempts, last_error, next_retry_at, created_at)
VALUES ('feed_file', '{"folder": "/f", "file_name": "a.csv"}', 5, 'failed', 3, 3, 'it was broken', NULL, '2026-01-01'),
       ('feed_file', '{"folder": "/f", "file_name": "a.csv"}', 5, 'completed', 0, 3, NULL, NULL, '2026-01-01'),
       ('feed_file', '{"folder": "/f", "file_name": "b.csv"}', 5, 'pending', 0, 3, NULL, NULL, '2026-01-01'),
       ('feed_file', '{"folder": "/f", "file_name": "c.csv"}', 5, 'in_progress', 0, 3, NULL, NULL, '2026-01-01'),
       ('feed_file', '{"folder": "/f", "file_name": "d.csv"}', 5, 'retry', 1, 3, E'line 1\x1b[2J\nline 2', '2000-01-01', '2026-01-01'),
       ('feed_file', '[]', 5, 'failed', 3, 3, NULL, NULL, '2026-01-01'),
       ('scrape_site', '{"folder": "/f", "file_name": "z.csv"}', 5, 'failed', 3, 3, 'of others', NULL, '2026-01-01');
INSERT INTO scrape_queue (task_type, task_params, priority, status, attempts, max_attempts, last_error, created_at)
SELECT 'feed_file', jsonb_build_object('folder', '/many', 'file_name', number || '.csv'), 5, 'failed', 3, 3, 'broken', '2026-01-01'
FROM generate_series(1, 30) AS number;
