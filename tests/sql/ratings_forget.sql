-- Takes the ratings off all matches, which so have to be rated again.
UPDATE matches
SET elo_pre_player_a = NULL, elo_pre_player_b = NULL, elo_post_player_a = NULL, elo_post_player_b = NULL,
    elo_needs_recompute = true;
