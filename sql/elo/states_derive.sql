-- The states that the stored ratings imply just before a position, for players with a ratable match before it.
-- $1: players; $2, $3: the position.
SELECT wanted.player_id,
       history.rating,
       history.match_count::integer AS match_count,
       history.last_match_date,
       history.last_temporal_order,
       history.highest,
       tournaments.level AS first_level,
       tournaments.tour AS first_tour
FROM unnest($1::integer[]) AS wanted (player_id)
-- One row a player: the newest rating and date, the number of matches, the highest rating, and where it began.
CROSS JOIN LATERAL (
    SELECT count(*) AS match_count,
           max(played.post) AS highest,
           max(played.temporal_order) AS last_temporal_order,
           (array_agg(played.post ORDER BY played.temporal_order DESC, played.id DESC))[1] AS rating,
           (array_agg(played.day ORDER BY played.temporal_order DESC, played.id DESC)
               FILTER (WHERE played.day IS NOT NULL))[1] AS last_match_date,
           (array_agg(played.edition_id ORDER BY played.temporal_order, played.id))[1] AS first_edition_id
    FROM (
        SELECT id, temporal_order, elo_post_player_a AS post, elo_match_date(match_date, temporal_order) AS day,
               tournament_edition_id AS edition_id
        FROM matches
        WHERE player_a_id = wanted.player_id
          AND (temporal_order, id) < ($2, $3)
          AND elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
          AND elo_post_player_a IS NOT NULL
        UNION ALL
        SELECT id, temporal_order, elo_post_player_b, elo_match_date(match_date, temporal_order), tournament_edition_id
        FROM matches
        WHERE player_b_id = wanted.player_id
          AND (temporal_order, id) < ($2, $3)
          AND elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
          AND elo_post_player_b IS NOT NULL
    ) AS played
) AS history
JOIN tournament_editions AS editions ON editions.id = history.first_edition_id
JOIN tournaments ON tournaments.id = editions.tournament_id;
