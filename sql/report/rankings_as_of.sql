-- The players with the highest ratings as they stood just before a temporal_order, from what is stored on the matches
-- before it. A player's gender is that of the tournament of his last match; the tournament of his first tells where he
-- began, which the peak includes.
-- $1: the temporal_order, $2: active since (a date) or null, $3: the first temporal_order of that day, $4: tour or null,
-- $5: gender or null, $6: limit.
WITH history AS (
    -- One row a player. The newest and the oldest match are the greatest and the least of arrays that begin with the position: that
    -- needs no sorting of two million rows. `last`: position, rating in cents, edition; `first`: position, edition; `last_dated`:
    -- position, day as days since the year 1.
    SELECT side.player_id,
           count(*)::integer AS match_count,
           max(side.post) AS highest,
           max(ARRAY[match.temporal_order, match.id, (side.post * 100)::bigint, match.edition_id]) AS last,
           min(ARRAY[match.temporal_order, match.id, match.edition_id]) AS first,
           max(ARRAY[match.temporal_order, match.id, match.day - DATE '0001-01-01'])
               FILTER (WHERE match.day IS NOT NULL) AS last_dated,
           bool_or(match.temporal_order >= $3::bigint AND match.edition_id IN (
               SELECT edition.id
               FROM tournament_editions AS edition
               JOIN tournaments AS tournament ON tournament.id = edition.tournament_id
               WHERE tournament.tour = $4::text)) AS is_on_tour
    FROM (
        -- Every rated match before that. OFFSET 0: its day is told once, not once for each side.
        SELECT id, temporal_order, tournament_edition_id AS edition_id, player_a_id, player_b_id, elo_post_player_a,
               elo_post_player_b, elo_match_date(match_date, temporal_order) AS day
        FROM matches
        WHERE temporal_order < $1::bigint
          AND elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
        OFFSET 0
    ) AS match
    CROSS JOIN LATERAL (VALUES (match.player_a_id, match.elo_post_player_a),
                               (match.player_b_id, match.elo_post_player_b)) AS side (player_id, post)
    WHERE side.post IS NOT NULL
    GROUP BY side.player_id
),
told AS (
    SELECT player_id,
           match_count,
           highest,
           last[3] / 100.0 AS rating,
           last[4]::integer AS last_edition_id,
           first[3]::integer AS first_edition_id,
           DATE '0001-01-01' + last_dated[3]::integer AS last_match_date,
           is_on_tour
    FROM history
)
SELECT told.player_id,
       player.canonical_name AS name,
       player.nationality_ioc AS country,
       last_match.gender,
       told.rating::float8 AS rating,
       told.highest::float8 AS highest,
       first_tournament.level AS first_level,
       first_tournament.tour AS first_tour,
       told.match_count AS matches,
       to_char(told.last_match_date, 'YYYY-MM-DD') AS last_match
FROM told
JOIN players AS player ON player.id = told.player_id
JOIN tournament_editions AS first_edition ON first_edition.id = told.first_edition_id
JOIN tournaments AS first_tournament ON first_tournament.id = first_edition.tournament_id
JOIN tournament_editions AS last_edition ON last_edition.id = told.last_edition_id
JOIN tournaments AS last_tournament ON last_tournament.id = last_edition.tournament_id
CROSS JOIN LATERAL (
    SELECT coalesce(last_tournament.gender,
                    CASE WHEN last_tournament.tour IN ('WTA', 'WTA_125', 'ITF_WOMEN') THEN 'women'
                         WHEN last_tournament.tour IN ('ATP', 'CHALLENGER', 'ITF_MEN') THEN 'men' END) AS gender
) AS last_match
WHERE ($2::text IS NULL OR told.last_match_date >= $2::text::date)
  AND ($4::text IS NULL OR told.is_on_tour)
  AND ($5::text IS NULL OR last_match.gender = $5::text)
ORDER BY told.rating DESC, told.player_id
LIMIT $6;
