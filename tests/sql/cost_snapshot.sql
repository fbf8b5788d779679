-- Remembers the ratings of now, and counts the rows that are written from now on.
TRUNCATE rows_written, matches_before, states_before;
INSERT INTO matches_before
SELECT id, elo_pre_player_a, elo_pre_player_b, elo_post_player_a, elo_post_player_b, elo_params_version, elo_needs_recompute
FROM matches;
INSERT INTO states_before
SELECT player_id, rating, match_count, last_match_date, last_temporal_order, career_peak FROM player_elo_states;
