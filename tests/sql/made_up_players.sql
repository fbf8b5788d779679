-- Players 1 to $1, four tournaments of different levels and tours, eight editions.
WITH new_players AS (
    INSERT INTO players (id, canonical_name, created_at, updated_at)
    SELECT id, 'Player ' || id, '2020-01-01', '2020-01-01' FROM generate_series(1, $1::integer) AS id
), new_tournaments AS (
    INSERT INTO tournaments (id, tournament_code, name, tour, level, created_at, updated_at)
    SELECT id, 'T' || id, 'Tournament ' || id, tour, level, '2020-01-01', '2020-01-01'
    FROM (VALUES (1, 'ATP', 'Grand Slam'), (2, 'ATP', 'ATP 250'), (3, 'ATP', 'Masters 1000'), (4, 'ITF_MEN', 'ITF M25'))
        AS made_up (id, tour, level)
)
INSERT INTO tournament_editions (id, tournament_id, year, created_at)
SELECT id, 1 + id % 4, 2020 + id, '2020-01-01' FROM generate_series(1, 8) AS id;
