-- Made-up results: players of whom the lower id wins more often, one match after the other over three years, in eight
-- editions of four tournaments. $1 matches of $2 players; the same every time.
WITH made AS (
    SELECT number,
           1 + ('x' || substr(md5('a' || number), 1, 7))::bit(28)::integer % $2 AS a,
           1 + ('x' || substr(md5('b' || number), 1, 7))::bit(28)::integer % ($2 - 1) AS other,
           ('x' || substr(md5('w' || number), 1, 7))::bit(28)::integer % 100 AS luck,
           date '2020-01-01' + number * 1000 / $1 AS day
    FROM generate_series(1, $1) AS number
), paired AS (
    SELECT *, CASE WHEN other >= a THEN other + 1 ELSE other END AS b FROM made
)
INSERT INTO matches (source, tournament_edition_id, round, player_a_id, player_b_id, winner_id, status, score_structured,
                     match_date, temporal_order, created_at, updated_at)
SELECT 'made up', 1 + number % 8, 'R32', a, b,
       CASE WHEN (a < b) = (luck < 70) THEN a ELSE b END,
       'completed',
       CASE WHEN luck % 10 = 0 THEN NULL
            ELSE jsonb_build_array(jsonb_build_object('a', 6, 'b', luck % 5), jsonb_build_object('a', 7, 'b', 5)) END,
       day,
       to_char(day, 'YYYYMMDD')::bigint * 10000000 + (1 + number % 8) * 100 + 30,
       '2020-01-01', '2020-01-01'
FROM paired
ORDER BY number;
