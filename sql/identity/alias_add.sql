-- Another spelling of a player; one that is somebody's already stays theirs. $1: the player; $2: the normalised name; $3:
-- source; $4: now, UTC.
INSERT INTO player_aliases (player_id, alias, source, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (alias, source) DO NOTHING;
