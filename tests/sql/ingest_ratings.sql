-- Matches that still have the rating they were given.
SELECT id FROM matches WHERE elo_post_player_a = 1510 AND elo_params_version = 'x' AND NOT elo_needs_recompute;
