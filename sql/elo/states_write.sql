-- Writes the states of players. $1: players; $2: ratings in cents; $3: numbers of matches; $4: dates of the last match;
-- $5: temporal orders of the last match; $6: highest ratings in cents; $7: now, UTC.
INSERT INTO player_elo_states AS states
    (player_id, rating, match_count, last_match_date, last_temporal_order, career_peak, updated_at)
SELECT player_id, rating * 0.01, match_count, last_match_date, last_temporal_order, career_peak * 0.01, $7
FROM unnest($1::integer[], $2::integer[], $3::integer[], $4::date[], $5::bigint[], $6::integer[])
    AS computed (player_id, rating, match_count, last_match_date, last_temporal_order, career_peak)
ON CONFLICT (player_id) DO UPDATE
SET rating = excluded.rating,
    match_count = excluded.match_count,
    last_match_date = excluded.last_match_date,
    last_temporal_order = excluded.last_temporal_order,
    career_peak = excluded.career_peak,
    updated_at = excluded.updated_at
WHERE (states.rating, states.match_count, states.last_match_date, states.last_temporal_order, states.career_peak)
    IS DISTINCT FROM
    (excluded.rating, excluded.match_count, excluded.last_match_date, excluded.last_temporal_order, excluded.career_peak);
