-- Decides an entry. $1: the entry; $2: its status from now on; $3: the player; $4: who decided; $5: now, UTC.
UPDATE player_review_queue
SET status = $2, resolved_player_id = $3, resolved_by = left($4, 100), resolved_at = $5
WHERE id = $1;
