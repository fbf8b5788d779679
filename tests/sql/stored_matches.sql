-- The ELO columns of every match, as text.
SELECT id, elo_pre_player_a::text, elo_pre_player_b::text, elo_post_player_a::text, elo_post_player_b::text,
       elo_params_version, elo_needs_recompute
FROM matches ORDER BY id;
