-- Takes the ratings off matches that are not rated (any more). Pre-match ratings of unplayed matches stay: they are refreshed
-- by a statement of their own. $1: match ids.
UPDATE matches
SET elo_pre_player_a = CASE WHEN unplayed THEN matches.elo_pre_player_a END,
    elo_pre_player_b = CASE WHEN unplayed THEN matches.elo_pre_player_b END,
    elo_post_player_a = NULL,
    elo_post_player_b = NULL,
    elo_params_version = NULL,
    elo_processed_at = NULL,
    elo_needs_recompute = false
FROM (
    SELECT id, status IN ('upcoming', 'scheduled', 'in_progress') AND winner_id IS NULL AS unplayed
    FROM matches
    WHERE id = ANY ($1)
      AND elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id) IS NOT TRUE
) AS unrated
WHERE matches.id = unrated.id
  AND (matches.elo_post_player_a IS NOT NULL OR matches.elo_post_player_b IS NOT NULL
       OR matches.elo_params_version IS NOT NULL OR matches.elo_processed_at IS NOT NULL OR matches.elo_needs_recompute
       OR (NOT unplayed AND (matches.elo_pre_player_a IS NOT NULL OR matches.elo_pre_player_b IS NOT NULL)));
