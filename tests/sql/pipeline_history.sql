-- Runs of the past: two that died, one of them in a stage, and one that ended well.
INSERT INTO pipeline_runs (run_id, started_at, status, summary_json)
VALUES ('died-1', '2026-01-01 01:00', 'running', NULL),
       ('ended', '2026-01-01 02:00', 'success', '{"kept": true}'),
       ('died-2', '2026-01-01 03:00', 'running', '{"kept": true}');
INSERT INTO pipeline_stage_runs (run_id, stage_name, started_at, status)
VALUES ('died-1', 'elo_incremental', '2026-01-01 01:01', 'running'),
       ('died-2', 'current_events_ingest', '2026-01-01 03:01', 'success');
