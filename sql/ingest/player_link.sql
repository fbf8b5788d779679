-- Links a player who is already there to an id of a source, unless they have one. $1: source; $2: gender; $3: external id;
-- $4: player; $5: now, UTC.
INSERT INTO player_external_ids (source, gender, external_id, player_id, created_at)
SELECT $1::text, $2, $3, $4::integer, $5
WHERE NOT EXISTS (SELECT FROM player_external_ids WHERE player_id = $4::integer AND source = $1::text);
