-- A new player. $1: name; $2: now, UTC.
INSERT INTO players (canonical_name, created_at, updated_at) VALUES ($1, $2, $2) RETURNING id;
