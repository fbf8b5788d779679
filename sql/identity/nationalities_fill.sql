-- Nationalities that were not known; of several for one player the first. $1: players; $2: nationalities; $3: now, UTC.
UPDATE players
SET nationality_ioc = told.nationality_ioc, updated_at = $3
FROM (
    SELECT DISTINCT ON (player_id) player_id, nationality_ioc
    FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS told (player_id, nationality_ioc, number)
    ORDER BY player_id, number
) AS told
WHERE players.id = told.player_id AND players.nationality_ioc IS NULL;
