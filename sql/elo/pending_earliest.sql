-- The earliest pending position not before ($1, $2).
SELECT temporal_order, match_id
FROM elo_pending
WHERE temporal_order IS NOT NULL AND (temporal_order, match_id) >= ($1, $2)
ORDER BY temporal_order, match_id
LIMIT 1;
