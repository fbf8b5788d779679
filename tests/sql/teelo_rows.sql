-- Some rows in every table of a running Teelo system: a rated match, one that waits for its rating, one to be played.
INSERT INTO players (canonical_name, atp_id, birth_date, created_at, updated_at) VALUES
    ('Ann Alder', 'A001', '1999-01-02', '2025-01-01', '2025-01-01'),
    ('Bea Birch', 'B002', NULL, '2025-01-01', '2025-01-01'),
    ('Cleo Cedar', NULL, NULL, '2025-01-01', '2025-01-01');
INSERT INTO player_aliases (player_id, alias, source, created_at) VALUES (1, 'a. alder', 'atp', '2025-01-01');
INSERT INTO player_review_queue (scraped_name, scraped_source, suggested_player_1_id, suggested_player_1_confidence, status, created_at)
VALUES ('B. Birsch', 'atp', 2, 0.9612, 'pending', '2025-01-01');
INSERT INTO tournaments (tournament_code, name, tour, level, created_at, updated_at)
VALUES ('0001', 'Oakville', 'ATP', 'ATP 250', '2025-01-01', '2025-01-01');
INSERT INTO tournament_editions (tournament_id, year, start_date, created_at) VALUES (1, 2025, '2025-01-06', '2025-01-01');
INSERT INTO matches (external_id, source, tournament_edition_id, round, player_a_id, player_b_id, winner_id, score,
    score_structured, match_date, status, created_at, updated_at, temporal_order,
    elo_pre_player_a, elo_pre_player_b, elo_post_player_a, elo_post_player_b, elo_params_version)
VALUES
    ('2025_0001_SF_A001_B002', 'atp', 1, 'SF', 1, 2, 1, '6-4 6-4', '[{"a": 6, "b": 4}, {"a": 6, "b": 4}]', '2025-01-11',
     'completed', '2025-01-11', '2025-01-11', 202501110000160, 1500, 1500, 1520, 1480, 'v1'),
    (NULL, 'atp', 1, 'F', 1, 3, 3, '6-0 6-0', '[{"a": 0, "b": 6}, {"a": 0, "b": 6}]', '2025-01-12',
     'completed', '2025-01-12', '2025-01-12', 202501120000170, NULL, NULL, NULL, NULL, NULL),
    (NULL, 'atp', 1, 'R32', 2, 3, NULL, NULL, NULL, NULL, 'upcoming', '2025-01-12', '2025-01-12', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO player_elo_states (player_id, rating, match_count, career_peak) VALUES (1, 1520, 1, 1520), (2, 1480, 1, 1500);
INSERT INTO elo_parameter_sets (name, params, source, is_active) VALUES ('v1', '{"K": 1}', 'manual', false);
INSERT INTO scrape_queue (task_type, task_params, priority, status, attempts, max_attempts, created_at)
VALUES ('results', '{}', 5, 'pending', 0, 3, '2025-01-01');
INSERT INTO update_log (update_type, success, created_at) VALUES ('hourly', true, '2025-01-01');
INSERT INTO pipeline_checkpoints (key, value_json)
VALUES ('elo_incremental', '{"cursor": {"last_temporal_order": 202501110000160, "last_match_id": 1}, "updated_at": "2025-01-11T00:00:00Z"}');
INSERT INTO pipeline_runs (run_id, status) VALUES ('20250111T000000Z-abcdef', 'success');
INSERT INTO pipeline_stage_runs (run_id, stage_name, status) VALUES ('20250111T000000Z-abcdef', 'elo', 'success');
