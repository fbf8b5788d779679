-- What is pending: the earliest position not before ($1, $2), and whether there are rows without a position.
SELECT earliest.temporal_order,
       earliest.match_id,
       EXISTS (SELECT FROM elo_pending WHERE temporal_order IS NULL) AS unplaced
FROM (VALUES (1)) AS one_row
LEFT JOIN LATERAL (
    SELECT temporal_order, match_id
    FROM elo_pending
    WHERE temporal_order IS NOT NULL AND (temporal_order, match_id) >= ($1, $2)
    ORDER BY temporal_order, match_id
    LIMIT 1
) AS earliest ON true;
