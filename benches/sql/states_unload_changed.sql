-- The states that changed since the snapshot.
COPY (
    SELECT player_id, rating, match_count, last_match_date, last_temporal_order, career_peak FROM player_elo_states
    EXCEPT
    SELECT player_id, rating, match_count, last_match_date, last_temporal_order, career_peak FROM states_before
) TO STDOUT
