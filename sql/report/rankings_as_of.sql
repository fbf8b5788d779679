-- The players with the highest ratings as they stood just before a temporal_order, from what is stored on the matches
-- before it. A player's gender is that of the tournament of his last match; the tournament of his first tells where he
-- began, which the peak includes.
-- $1: the temporal_order, $2: active since (a date) or null, $3: the first temporal_order of that day, $4: tour or null,
-- $5: gender or null, $6: limit.
WITH played AS (
    -- Every rated match before that, once for each side.
    SELECT side.player_id,
           side.post,
           match.id,
           match.temporal_order,
           elo_match_date(match.match_date, match.temporal_order) AS day,
           match.tournament_edition_id AS edition_id
    FROM matches AS match
    CROSS JOIN LATERAL (VALUES (match.player_a_id, match.elo_post_player_a),
                               (match.player_b_id, match.elo_post_player_b)) AS side (player_id, post)
    WHERE match.temporal_order < $1::bigint
      AND elo_is_ratable(match.status, match.winner_id, match.temporal_order, match.tournament_edition_id,
                         match.player_a_id, match.player_b_id)
      AND side.post IS NOT NULL
),
history AS (
    -- One row a player.
    SELECT player_id,
           count(*)::integer AS match_count,
           max(post) AS highest,
           (array_agg(post ORDER BY temporal_order DESC, id DESC))[1] AS rating,
           (array_agg(day ORDER BY temporal_order DESC, id DESC) FILTER (WHERE day IS NOT NULL))[1] AS last_match_date,
           (array_agg(edition_id ORDER BY temporal_order DESC, id DESC))[1] AS last_edition_id,
           (array_agg(edition_id ORDER BY temporal_order, id))[1] AS first_edition_id,
           bool_or(temporal_order >= $3::bigint AND edition_id IN (
               SELECT edition.id
               FROM tournament_editions AS edition
               JOIN tournaments AS tournament ON tournament.id = edition.tournament_id
               WHERE tournament.tour = $4::text)) AS is_on_tour
    FROM played
    GROUP BY player_id
)
SELECT history.player_id,
       player.canonical_name AS name,
       player.nationality_ioc AS country,
       last_match.gender,
       history.rating::float8 AS rating,
       history.highest::float8 AS highest,
       first_tournament.level AS first_level,
       first_tournament.tour AS first_tour,
       history.match_count AS matches,
       to_char(history.last_match_date, 'YYYY-MM-DD') AS last_match
FROM history
JOIN players AS player ON player.id = history.player_id
JOIN tournament_editions AS first_edition ON first_edition.id = history.first_edition_id
JOIN tournaments AS first_tournament ON first_tournament.id = first_edition.tournament_id
JOIN tournament_editions AS last_edition ON last_edition.id = history.last_edition_id
JOIN tournaments AS last_tournament ON last_tournament.id = last_edition.tournament_id
CROSS JOIN LATERAL (
    SELECT coalesce(last_tournament.gender,
                    CASE WHEN last_tournament.tour IN ('WTA', 'WTA_125', 'ITF_WOMEN') THEN 'women'
                         WHEN last_tournament.tour IN ('ATP', 'CHALLENGER', 'ITF_MEN') THEN 'men' END) AS gender
) AS last_match
WHERE ($2::text IS NULL OR history.last_match_date >= $2::text::date)
  AND ($4::text IS NULL OR history.is_on_tour)
  AND ($5::text IS NULL OR last_match.gender = $5::text)
ORDER BY history.rating DESC, history.player_id
LIMIT $6;
