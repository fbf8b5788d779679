-- Deletes what was pending between two positions, both included. In a repeatable-read transaction these are exactly the
-- rows that its snapshot sees. $1, $2: the first; $3, $4: the last.
DELETE FROM elo_pending
WHERE (temporal_order, match_id) >= ($1, $2) AND (temporal_order, match_id) <= ($3, $4);
