-- Every stored player state, in cents.
SELECT player_id,
       (rating * 100)::integer AS rating,
       match_count,
       last_match_date,
       last_temporal_order,
       (career_peak * 100)::integer AS career_peak
FROM player_elo_states
ORDER BY player_id;
