-- New players with their ids, in the file's order. $1: the new players; $2: source; $3: now, UTC.
WITH fresh AS MATERIALIZED (
    SELECT nextval(coalesce(pg_get_serial_sequence('players', 'id'), 'players_id_seq')::regclass)::integer AS id, player.*
    FROM (
        SELECT *
        FROM jsonb_to_recordset($1) AS new (
            number integer, external_id text, gender text, name text, hand text, height_cm integer, nationality_ioc text
        )
        ORDER BY number
    ) AS player
),
created AS (
    INSERT INTO players (id, canonical_name, nationality_ioc, hand, height_cm, created_at, updated_at)
    SELECT id, name, nationality_ioc, hand, height_cm, $3, $3 FROM fresh ORDER BY number
),
named AS (
    INSERT INTO player_external_ids (source, gender, external_id, player_id, created_at)
    SELECT $2, gender, external_id, id, $3 FROM fresh ORDER BY number
)
SELECT number, id FROM fresh;
