-- Nationalities that were not known. $1: players; $2: nationalities; $3: now, UTC.
UPDATE players
SET nationality_ioc = told.nationality_ioc, updated_at = $3
FROM unnest($1::integer[], $2::text[]) AS told (player_id, nationality_ioc)
WHERE players.id = told.player_id AND players.nationality_ioc IS NULL;
