-- Two rows of one man (1 and 2), a namesake of both with another ATP id (3), a woman (4), opponents (5 to 9); a queue entry.
INSERT INTO players (id, canonical_name, atp_id, itf_id, nationality_ioc, birth_date, height_cm, created_at, updated_at) VALUES
    (1, 'Iván Peña', 'P001', NULL, NULL, '1999-03-04', NULL, '2024-01-01', '2024-01-01'),
    (2, 'Ivan Pena Jr', NULL, '80001', 'ESP', '1998-01-01', 185, '2024-01-01', '2024-01-01'),
    (3, 'Ivan Pena', 'P003', NULL, 'ARG', NULL, NULL, '2024-01-01', '2024-01-01'),
    (4, 'Ivana Pena', NULL, NULL, 'ESP', NULL, NULL, '2024-01-01', '2024-01-01');
INSERT INTO players (id, canonical_name, created_at, updated_at)
SELECT id, 'Opponent ' || id, '2024-01-01', '2024-01-01' FROM generate_series(5, 9) AS id;
SELECT setval('players_id_seq', 100);
INSERT INTO tournaments (id, tournament_code, name, tour, level, gender, created_at, updated_at) VALUES
    (1, 'M', 'Men''s Open', 'ATP', 'ATP 250', 'men', '2024-01-01', '2024-01-01'),
    (2, 'W', 'Women''s Open', 'WTA', 'WTA 250', 'women', '2024-01-01', '2024-01-01');
INSERT INTO tournament_editions (id, tournament_id, year, created_at)
VALUES (1, 1, 2024, '2024-01-01'), (2, 2, 2024, '2024-01-01');
INSERT INTO matches (id, source, tournament_edition_id, round, player_a_id, player_b_id, winner_id, status, match_date,
                     temporal_order, created_at, updated_at)
SELECT id, 'atp', edition, round, a, b, winner, 'completed', date '2024-01-01' + id,
       to_char(date '2024-01-01' + id, 'YYYYMMDD')::bigint * 10000000 + edition * 100 + 30, '2024-01-01', '2024-01-01'
FROM (VALUES (1, 1, 'R32', 1, 5, 1), (2, 1, 'R16', 6, 1, 6), (3, 1, 'R32', 7, 2, 2), (4, 1, 'R16', 2, 6, 6),
             (5, 1, 'QF', 8, 2, 8), (6, 2, 'R32', 4, 9, 4), (7, 1, 'QF', 3, 1, 1), (8, 1, 'SF', 5, 6, 5))
    AS made_up (id, edition, round, a, b, winner);
INSERT INTO player_aliases (player_id, alias, source, created_at) VALUES
    (1, 'ivan pena', 'atp', '2024-01-01'), (2, 'i. pena', 'itf', '2024-01-01'), (2, 'ivan pena', 'itf', '2024-01-01');
INSERT INTO player_external_ids (source, gender, external_id, player_id, created_at)
VALUES ('sackmann', 'men', '200001', 2, '2024-01-01');
INSERT INTO player_review_queue (id, scraped_name, scraped_source, scraped_external_id, tournament_name,
                                 suggested_player_1_id, suggested_player_1_confidence, suggested_player_2_id,
                                 suggested_player_2_confidence, status, created_at)
VALUES (1, 'PEÑA, Iwan', 'itf', '80777', 'Open', 2, 0.9650, 3, 0.9550, 'pending', '2024-01-02'),
       (2, 'Nobody Known', 'wta', NULL, 'Open', NULL, NULL, NULL, NULL, 'pending', '2024-01-03');
SELECT setval('player_review_queue_id_seq', 10);
INSERT INTO player_genders (player_id, gender) VALUES (2, 'men');
INSERT INTO draw_places (tournament_edition_id, round, draw_position, player_a_id, player_b_id, is_bye)
VALUES (1, 'R64', 3, 2, NULL, true), (1, 'R64', 4, NULL, 9, true);
INSERT INTO waiting_schedules (tournament_edition_id, round, player_low_id, player_high_id, scheduled_date)
VALUES (1, 'SF', 2, 9, '2024-01-20'), (1, 'F', 1, 5, '2024-01-21'), (1, 'F', 2, 5, '2024-01-22');
INSERT INTO player_enrichment_values (player_id, field, value, provider, origin, given_at)
VALUES (2, 'height_cm', '185', 'files', 'atp_players.csv', '2024-01-01'), (2, 'birth_date', '1998-01-01', 'files', 'atp_players.csv', '2024-01-01');
