-- The players with the highest ratings. A player's gender is that of the tournament of his last rated match.
-- $1: active since (a date) or null, $2: the same as the first temporal_order of the day, so that the planner can tell
-- how much of matches lies after it, $3: tour or null, $4: gender or null, $5: limit.
WITH on_tour AS MATERIALIZED (
    -- Who played a rated match on the tour since then. Nothing is read when no tour is asked for.
    SELECT DISTINCT side.player_id
    FROM matches AS match
    JOIN tournament_editions AS edition ON edition.id = match.tournament_edition_id
    JOIN tournaments AS tournament ON tournament.id = edition.tournament_id
    CROSS JOIN LATERAL (VALUES (match.player_a_id), (match.player_b_id)) AS side (player_id)
    WHERE $3::text IS NOT NULL
      AND tournament.tour = $3::text
      AND match.elo_post_player_a IS NOT NULL
      AND match.temporal_order >= $2::bigint
),
listed AS (
    -- Everybody who may be on the list, best first. It is read only until the list is full.
    SELECT state.player_id,
           state.rating,
           state.career_peak,
           state.match_count,
           state.last_match_date,
           state.last_temporal_order
    FROM player_elo_states AS state
    LEFT JOIN on_tour ON on_tour.player_id = state.player_id
    WHERE ($1::text IS NULL OR state.last_match_date >= $1::text::date)
      AND ($3::text IS NULL OR on_tour.player_id IS NOT NULL)
    ORDER BY state.rating DESC, state.player_id
)
SELECT listed.player_id,
       player.canonical_name AS name,
       player.nationality_ioc AS country,
       last_match.gender,
       listed.rating::float8 AS rating,
       listed.career_peak::float8 AS peak,
       listed.match_count AS matches,
       to_char(listed.last_match_date, 'YYYY-MM-DD') AS last_match
FROM listed
JOIN players AS player ON player.id = listed.player_id
LEFT JOIN LATERAL (
    -- All matches of one round share their order: a few dozen rows of the index.
    SELECT coalesce(tournament.gender,
                    CASE WHEN tournament.tour IN ('WTA', 'WTA_125', 'ITF_WOMEN') THEN 'women'
                         WHEN tournament.tour IN ('ATP', 'CHALLENGER', 'ITF_MEN') THEN 'men' END) AS gender
    FROM matches AS match
    JOIN tournament_editions AS edition ON edition.id = match.tournament_edition_id
    JOIN tournaments AS tournament ON tournament.id = edition.tournament_id
    WHERE match.temporal_order = listed.last_temporal_order
      AND listed.player_id IN (match.player_a_id, match.player_b_id)
    LIMIT 1
) AS last_match ON true
WHERE $4::text IS NULL OR last_match.gender = $4::text
ORDER BY listed.rating DESC, listed.player_id
LIMIT $5;
