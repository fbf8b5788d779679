-- The states that the stored ratings imply just before a position, for every player with a rated match at or after it, without a
-- look at each one's whole history: the stored state less the matches from the position on, and the newest match before it.
-- Left out is who cannot be told so: who did not play for long, whose matches changed, and everybody while ratings of all are
-- pending (but for the row $4). $1, $2: the position; $3: the temporal order from which on earlier matches are looked through.
SELECT states.player_id,
       newest.post AS rating,
       states.match_count - later.match_count AS match_count,
       newest.day AS last_match_date,
       newest.temporal_order AS last_temporal_order,
       states.career_peak > later.highest AS peak_is_earlier,
       states.rating AS stored_rating,
       states.match_count AS stored_match_count,
       states.last_match_date AS stored_last_match_date,
       states.last_temporal_order AS stored_last_temporal_order,
       states.career_peak AS stored_career_peak
FROM (
    SELECT side.player_id,
           count(*)::integer AS match_count,
           max(side.post) AS highest,
           max(matches.temporal_order) AS last_temporal_order
    FROM matches
    CROSS JOIN LATERAL (VALUES (player_a_id, elo_post_player_a), (player_b_id, elo_post_player_b)) AS side (player_id, post)
    WHERE (temporal_order, id) >= ($1, $2)
      AND elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
      AND side.post IS NOT NULL
    GROUP BY side.player_id
) AS later
JOIN player_elo_states AS states
    ON states.player_id = later.player_id AND states.last_temporal_order = later.last_temporal_order
LEFT JOIN (
    SELECT DISTINCT ON (side.player_id)
           side.player_id, side.post, matches.temporal_order, elo_match_date(match_date, temporal_order) AS day
    FROM matches
    CROSS JOIN LATERAL (VALUES (player_a_id, elo_post_player_a), (player_b_id, elo_post_player_b)) AS side (player_id, post)
    WHERE temporal_order >= $3
      AND (temporal_order, id) < ($1, $2)
      AND elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
      AND side.post IS NOT NULL
    ORDER BY side.player_id, temporal_order DESC, id DESC
) AS newest ON newest.player_id = later.player_id
LEFT JOIN (
    SELECT player_a_id AS player_id FROM elo_pending
    UNION
    SELECT player_b_id FROM elo_pending
) AS changed ON changed.player_id = later.player_id
WHERE changed.player_id IS NULL
  -- Nobody, or with a known date; a player without an earlier match is new.
  AND CASE WHEN states.match_count > later.match_count THEN newest.day IS NOT NULL
           ELSE states.match_count = later.match_count AND newest.player_id IS NULL END
  AND NOT EXISTS (SELECT FROM elo_pending WHERE player_a_id IS NULL AND id IS DISTINCT FROM $4);
