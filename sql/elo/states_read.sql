-- The stored states of players. $1: players.
SELECT player_id,
       rating,
       match_count,
       last_match_date,
       last_temporal_order,
       career_peak
FROM player_elo_states
WHERE player_id = ANY ($1);
