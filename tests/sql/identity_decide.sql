-- A decision of another program: it only says who it is.
UPDATE player_review_queue
SET status = 'resolved', resolved_player_id = 2, resolved_by = 'admin', resolved_at = '2026-01-01'
WHERE status = 'pending';
