-- Links players of a file to players who are already there, unless those have an id of the source. Returns whom it linked. $1: players
-- of the file; $2: whom each of them is; $3: source; $4: now, UTC.
WITH told AS MATERIALIZED (
    SELECT *
    FROM ROWS FROM (
        jsonb_to_recordset($1) AS (number integer, gender text, external_id text),
        unnest($2::integer[])
    ) AS told (number, gender, external_id, player_id)
),
linked AS (
    INSERT INTO player_external_ids (source, gender, external_id, player_id, created_at)
    SELECT $3::text, gender, external_id, player_id, $4
    FROM told
    WHERE NOT EXISTS (
        SELECT FROM player_external_ids AS known WHERE known.player_id = told.player_id AND known.source = $3::text
    )
    ORDER BY number
    RETURNING player_id
)
SELECT told.number, told.player_id FROM told JOIN linked USING (player_id);
