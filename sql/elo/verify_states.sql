-- Every stored player state.
COPY (
    SELECT player_id,
           rating,
           match_count,
           last_match_date,
           last_temporal_order,
           career_peak
    FROM player_elo_states
    ORDER BY player_id
) TO STDOUT (FORMAT binary);
