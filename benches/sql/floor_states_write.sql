-- $1: now, UTC.
INSERT INTO player_elo_states
    (player_id, rating, match_count, last_match_date, last_temporal_order, career_peak, updated_at)
SELECT player_id, rating, match_count, last_match_date, last_temporal_order, career_peak, $1 FROM floor_states
ON CONFLICT (player_id) DO UPDATE
SET rating = excluded.rating,
    match_count = excluded.match_count,
    last_match_date = excluded.last_match_date,
    last_temporal_order = excluded.last_temporal_order,
    career_peak = excluded.career_peak,
    updated_at = excluded.updated_at;
