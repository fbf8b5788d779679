-- Spellings by which players were named and that are not there yet, and nationalities that were not known. A spelling of two players
-- belongs to the one who came first; of several nationalities the first counts. $1: players; $2: normalised spellings; $3: their
-- sources; $4: nationalities; $5: now, UTC.
WITH told AS MATERIALIZED (
    SELECT *
    FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[])
        WITH ORDINALITY AS told (player_id, alias, source, nationality_ioc, number)
),
spelt AS (
    INSERT INTO player_aliases (player_id, alias, source, created_at)
    SELECT player_id, alias, source, $5
    FROM told
    WHERE NOT EXISTS (
        SELECT FROM player_aliases AS known WHERE known.alias = told.alias AND known.source = told.source
    )
    ORDER BY number
    ON CONFLICT (alias, source) DO NOTHING
)
UPDATE players
SET nationality_ioc = first.nationality_ioc, updated_at = $5
FROM (
    SELECT DISTINCT ON (player_id) player_id, nationality_ioc
    FROM told
    WHERE nationality_ioc IS NOT NULL
    ORDER BY player_id, number
) AS first
WHERE players.id = first.player_id AND players.nationality_ioc IS NULL;
