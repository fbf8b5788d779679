-- A golden set's matches, with made-up players, and one tournament an edition with the row's tour and level.
INSERT INTO players (id, canonical_name, created_at, updated_at)
SELECT id, 'Player ' || id, '2020-01-01', '2020-01-01'
FROM (SELECT player_a_id AS id FROM golden_matches UNION SELECT player_b_id FROM golden_matches) AS both_sides;
INSERT INTO tournaments (id, tournament_code, name, tour, level, created_at, updated_at)
SELECT DISTINCT tournament_edition_id, 'T' || tournament_edition_id, 'Tournament', tour, level,
       timestamp '2020-01-01', timestamp '2020-01-01'
FROM golden_matches;
INSERT INTO tournament_editions (id, tournament_id, year, created_at) SELECT id, id, 2020, '2020-01-01' FROM tournaments;
INSERT INTO matches (id, source, tournament_edition_id, round, player_a_id, player_b_id, winner_id, score_structured,
                     match_date, status, temporal_order, created_at, updated_at)
SELECT id, 'golden', tournament_edition_id, round, player_a_id, player_b_id, winner_id, score_structured, match_date, status,
       temporal_order, '2020-01-01', '2020-01-01'
FROM golden_matches;
