-- A small world of ratings. The newest match that is not in the future is of 2024-06-30.
INSERT INTO players (id, canonical_name, nationality_ioc, created_at, updated_at)
VALUES (1, 'Ana Alpha', 'ESP', '2024-01-01', '2024-01-01'),
       (2, 'Bob Bravo', NULL, '2024-01-01', '2024-01-01'),
       (3, 'Carl Charlie', 'USA', '2024-01-01', '2024-01-01'),
       (4, 'Dora Delta', 'CZE', '2024-01-01', '2024-01-01'),
       (5, 'Old Echo', 'SUI', '2024-01-01', '2024-01-01'),
       (6, '錦織圭', 'JPN', '2024-01-01', '2024-01-01'),
       (7, 'Tom Tomorrow', 'GBR', '2024-01-01', '2024-01-01'),
       (8, 'Not Rated', 'FRA', '2024-01-01', '2024-01-01');
-- The gender of a tournament may be missing: then its tour tells.
INSERT INTO tournaments (id, tournament_code, name, tour, level, gender, created_at, updated_at)
VALUES (1, 'a', 'A', 'ATP', 'ATP 250', 'men', '2024-01-01', '2024-01-01'),
       (2, 'c', 'C', 'CHALLENGER', 'Challenger', NULL, '2024-01-01', '2024-01-01'),
       (3, 'w', 'W', 'WTA', 'WTA 250', 'women', '2024-01-01', '2024-01-01'),
       (4, 'i', 'I', 'ITF_WOMEN', 'ITF W25', NULL, '2024-01-01', '2024-01-01');
INSERT INTO tournament_editions (id, tournament_id, year, created_at)
VALUES (1, 1, 2024, '2024-01-01'), (2, 2, 2024, '2024-01-01'), (3, 3, 2024, '2024-01-01'), (4, 4, 2024, '2024-01-01');
-- Match 6 is not rated, and match 7 is dated in the future by mistake.
INSERT INTO matches (id, source, tournament_edition_id, round, player_a_id, player_b_id, winner_id, status, match_date,
                     temporal_order, elo_post_player_a, elo_post_player_b, created_at, updated_at)
VALUES (1, 'test', 1, 'F', 5, 3, 5, 'completed', '2020-01-05', 202001050000170, 2000, 1700, '2024-01-01', '2024-01-01'),
       (2, 'test', 1, 'F', 2, 3, 2, 'completed', '2024-03-01', 202403010000170, 1800, 1700, '2024-01-01', '2024-01-01'),
       (3, 'test', 2, 'F', 2, 6, 2, 'completed', '2024-06-01', 202406010000270, 1900, 1600, '2024-01-01', '2024-01-01'),
       (4, 'test', 3, 'F', 1, 4, 1, 'completed', '2024-06-29', 202406290000370, 2100, 1650, '2024-01-01', '2024-01-01'),
       (5, 'test', 4, 'F', 1, 4, 4, 'completed', '2024-06-30', 202406300000470, 2090, 1700, '2024-01-01', '2024-01-01'),
       (6, 'test', 1, 'F', 6, 8, NULL, 'upcoming', '2024-07-07', 202407070000170, NULL, NULL, '2024-01-01', '2024-01-01'),
       (7, 'test', 1, 'F', 7, 3, 7, 'completed', '2999-01-01', 299901010000170, 1500, 1700, '2024-01-01', '2024-01-01');
INSERT INTO player_elo_states (player_id, rating, match_count, last_match_date, last_temporal_order, career_peak)
VALUES (1, 2090.00, 1234, '2024-06-30', 202406300000470, 2100.00),
       (2, 1900.50, 2, '2024-06-01', 202406010000270, 1900.50),
       (3, 1700.00, 3, '2024-03-01', 202403010000170, 1750.25),
       (4, 1700.00, 2, '2024-06-30', 202406300000470, 1700.00),
       (5, 2000.00, 1, '2020-01-05', 202001050000170, 2000.00),
       (6, 1600.00, 1, '2024-06-01', 202406010000270, 1600.00),
       (7, 1500.00, 1, '2999-01-01', 299901010000170, 1500.00);
