-- Another name of a player. $1: player; $2: the normalised name; $3: source.
INSERT INTO player_aliases (player_id, alias, source, created_at) VALUES ($1, $2, $3, '2026-01-01');
