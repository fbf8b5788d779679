-- Deletes the pending rows that were read, and no others. $1: ids.
DELETE FROM elo_pending WHERE id = ANY ($1);
