-- $1: the version of the parameters; $2: now, UTC.
UPDATE matches
SET elo_pre_player_a = pre_a,
    elo_pre_player_b = pre_b,
    elo_post_player_a = post_a,
    elo_post_player_b = post_b,
    elo_params_version = $1,
    elo_processed_at = $2,
    elo_needs_recompute = false
FROM floor_ratings
WHERE matches.id = match_id;
