-- Writes the ratings of one match, and the states of its players after it. $1: the match; $2 to $5: ratings (pre A, pre B, post A,
-- post B); $6: the version of the parameters; $7: now, UTC; $8: the players; $9 to $13: their ratings, numbers of matches, dates and
-- temporal orders of the last match, highest ratings.
WITH rated AS (
    UPDATE matches
    SET elo_pre_player_a = $2,
        elo_pre_player_b = $3,
        elo_post_player_a = $4,
        elo_post_player_b = $5,
        elo_params_version = $6,
        elo_processed_at = $7
    WHERE id = $1
)
INSERT INTO player_elo_states (
    player_id, rating, match_count, last_match_date, last_temporal_order, career_peak, updated_at
)
SELECT player_id, rating, match_count, last_match_date, last_temporal_order, career_peak, $7
FROM unnest($8::integer[], $9::numeric[], $10::integer[], $11::date[], $12::bigint[], $13::numeric[])
    AS computed (player_id, rating, match_count, last_match_date, last_temporal_order, career_peak)
ON CONFLICT (player_id) DO UPDATE
SET rating = excluded.rating,
    match_count = excluded.match_count,
    last_match_date = excluded.last_match_date,
    last_temporal_order = excluded.last_temporal_order,
    career_peak = excluded.career_peak,
    updated_at = excluded.updated_at;
