-- What is pending between two positions, both included, in order. $1, $2: the first; $3, $4: the last.
SELECT temporal_order, match_id, player_a_id, player_b_id
FROM elo_pending
WHERE (temporal_order, match_id) >= ($1, $2) AND (temporal_order, match_id) <= ($3, $4)
ORDER BY temporal_order, match_id, id;
