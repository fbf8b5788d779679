-- The matches that count, seen from the player whose name comes first.
SELECT concat_ws(' ', found.round, found.first_name, '-', found.second_name) AS key,
       concat_ws(
           '|', 'position', found.draw_position, 'winner', found.winner_name, found.status, found.score, found.sets, 'seeds',
           found.first_seed, found.second_seed, 'played', found.match_date, found.match_date_estimated, found.match_datetime,
           'at', found.scheduled_date, found.scheduled_datetime, found.court, 'number', found.match_number, found.external_id,
           found.duration_minutes, found.retirement_set, found.temporal_order / 10000000, found.temporal_order % 100
       ) AS content
FROM (
    SELECT matches.*,
           least(a.canonical_name, b.canonical_name) AS first_name,
           greatest(a.canonical_name, b.canonical_name) AS second_name,
           winner.canonical_name AS winner_name,
           CASE WHEN a.canonical_name < b.canonical_name THEN player_a_seed ELSE player_b_seed END AS first_seed,
           CASE WHEN a.canonical_name < b.canonical_name THEN player_b_seed ELSE player_a_seed END AS second_seed,
           (SELECT string_agg(
                       CASE WHEN a.canonical_name < b.canonical_name THEN concat(one ->> 'a', '-', one ->> 'b', ' ', one ->> 'tb_a')
                            ELSE concat(one ->> 'b', '-', one ->> 'a', ' ', one ->> 'tb_b') END,
                       ',' ORDER BY number)
            FROM jsonb_array_elements(score_structured) WITH ORDINALITY AS sets (one, number)) AS sets
    FROM matches
    JOIN players AS a ON a.id = player_a_id
    JOIN players AS b ON b.id = player_b_id
    LEFT JOIN players AS winner ON winner.id = winner_id
    WHERE status <> 'cancelled'
) AS found;
