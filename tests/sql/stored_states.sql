-- Every player's state, as text.
SELECT player_id, rating::text, match_count, last_match_date::text, last_temporal_order, career_peak::text
FROM player_elo_states ORDER BY player_id;
