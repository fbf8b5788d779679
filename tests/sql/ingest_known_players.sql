-- Players of a running Teelo system: a man, a woman of the same name, a man born too late, two namesakes, and one known by a match.
INSERT INTO players (id, canonical_name, atp_id, wta_id, birth_date, created_at, updated_at) VALUES
    (1, 'Álvaro Díaz', 'D001', NULL, '1990-03-01', '2024-01-01', '2024-01-01'),
    (2, 'Kim Lee', NULL, 'L001', NULL, '2024-01-01', '2024-01-01'),
    (3, 'Rod Young', 'Y001', NULL, '2005-01-01', '2024-01-01', '2024-01-01'),
    (4, 'Sam Twin', 'T001', NULL, NULL, '2024-01-01', '2024-01-01'),
    (5, 'Sam Twin', 'T002', NULL, NULL, '2024-01-01', '2024-01-01'),
    (6, 'Robin Itf', NULL, NULL, NULL, '2024-01-01', '2024-01-01'),
    (7, 'Other Woman', NULL, 'W007', NULL, '2024-01-01', '2024-01-01');
SELECT setval('players_id_seq', 100);
INSERT INTO player_aliases (player_id, alias, source, created_at) VALUES
    (1, 'a. diaz', 'atp', '2024-01-01'),
    (1, 'alvaro diaz', 'atp', '2024-01-01');
-- Robin Itf is known as a woman by one match only.
INSERT INTO tournaments (id, tournament_code, name, tour, level, gender, created_at, updated_at)
VALUES (1, 'W15-1', 'Small', 'ITF_WOMEN', 'ITF W15', NULL, '2024-01-01', '2024-01-01');
INSERT INTO tournament_editions (id, tournament_id, year, created_at) VALUES (1, 1, 2024, '2024-01-01');
INSERT INTO matches (source, tournament_edition_id, player_a_id, player_b_id, status, created_at, updated_at)
VALUES ('itf', 1, 7, 6, 'upcoming', '2024-01-01', '2024-01-01');
SELECT setval('tournaments_id_seq', 10), setval('tournament_editions_id_seq', 10);
