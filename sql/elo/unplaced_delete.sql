-- Deletes the pending rows with these ids. $1: ids.
DELETE FROM elo_pending WHERE id = ANY ($1);
