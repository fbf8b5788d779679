-- Every match in position order with what the oracle needs. Written apart from the program's own SQL.
SELECT m.id,
       m.player_a_id AS a,
       m.player_b_id AS b,
       m.temporal_order,
       coalesce(m.status IN ('completed', 'retired', 'walkover', 'default')
           AND m.winner_id IS NOT NULL AND m.temporal_order IS NOT NULL AND m.tournament_edition_id IS NOT NULL
           AND m.player_a_id <> m.player_b_id AND m.winner_id IN (m.player_a_id, m.player_b_id), false) AS ratable,
       m.status IN ('upcoming', 'scheduled', 'in_progress') AND m.winner_id IS NULL AS unplayed,
       coalesce(m.winner_id = m.player_a_id, false) AS a_won,
       m.score_structured AS score,
       d.date - date '2000-01-01' AS day,
       d.date::text AS date,
       CASE WHEN t.tour = 'WTA' OR t.level LIKE 'WTA%' OR t.level LIKE 'ITF W%' THEN 'W' ELSE '' END
           || CASE
               WHEN t.level = 'Grand Slam' THEN 'G'
               WHEN t.level IN ('Masters 1000', 'WTA 1000', 'ATP Finals', 'WTA Finals') THEN 'M'
               WHEN t.level IN ('Challenger', 'ATP Challenger', 'WTA 125') THEN 'C'
               WHEN t.level IN ('ITF', 'Future', 'ITF M15', 'ITF M25', 'ITF W15', 'ITF W25') THEN 'F'
               ELSE 'A'
           END AS code
FROM matches AS m
LEFT JOIN tournament_editions AS e ON e.id = m.tournament_edition_id
LEFT JOIN tournaments AS t ON t.id = e.tournament_id
CROSS JOIN LATERAL (
    SELECT coalesce(m.match_date,
        CASE WHEN m.temporal_order / 100000000000 < 9999
             AND (m.temporal_order / 10000000)::text ~ '^[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])$'
             THEN to_date((m.temporal_order / 10000000)::text, 'YYYYMMDD') END) AS date
) AS d
ORDER BY m.temporal_order, m.id;
