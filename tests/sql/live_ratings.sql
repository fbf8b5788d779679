-- Every match with what is stored of its ratings, and the states of all players.
SELECT external_id AS key,
       concat_ws(' ', elo_pre_player_a, elo_pre_player_b, elo_post_player_a, elo_post_player_b, elo_params_version,
                 elo_needs_recompute) AS content
FROM matches
UNION ALL
SELECT player.canonical_name, concat_ws(' ', rating, match_count, last_match_date, last_temporal_order, career_peak)
FROM player_elo_states
JOIN players AS player ON player.id = player_id
ORDER BY 1;
