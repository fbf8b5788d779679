-- What is pending from a position on, in order. $1, $2: the position; $3: at most so many.
SELECT id, temporal_order, match_id, player_a_id, player_b_id
FROM elo_pending
WHERE temporal_order IS NOT NULL AND (temporal_order, match_id) >= ($1, $2)
ORDER BY temporal_order, match_id
LIMIT $3;
