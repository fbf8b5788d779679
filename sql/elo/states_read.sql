-- The stored states of players, in cents. $1: players.
SELECT player_id,
       (rating * 100)::integer AS rating,
       match_count,
       last_match_date,
       last_temporal_order,
       (career_peak * 100)::integer AS career_peak
FROM player_elo_states
WHERE player_id = ANY ($1);
