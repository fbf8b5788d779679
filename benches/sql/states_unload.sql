-- Every player's state.
COPY player_elo_states (player_id, rating, match_count, last_match_date, last_temporal_order, career_peak) TO STDOUT
