-- What is stored now, to tell later what changed.
CREATE UNLOGGED TABLE ratings_before AS
SELECT id, elo_pre_player_a, elo_pre_player_b, elo_post_player_a, elo_post_player_b FROM matches;
CREATE UNLOGGED TABLE states_before AS
SELECT player_id, rating, match_count, last_match_date, last_temporal_order, career_peak FROM player_elo_states;
ANALYZE ratings_before;
ANALYZE states_before;
