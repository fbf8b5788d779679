-- New players of feed documents, and whose events they play. Returns their ids in the given order. $1: names; $2: nationalities; $3:
-- men or women; $4, $5, $6: ids of atp, wta, itf; $7: now, UTC.
WITH fresh AS MATERIALIZED (
    SELECT nextval(coalesce(pg_get_serial_sequence('players', 'id'), 'players_id_seq')::regclass)::integer AS id, player.*
    FROM (
        SELECT *
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
            WITH ORDINALITY AS new (name, nationality_ioc, gender, atp_id, wta_id, itf_id, number)
        ORDER BY number
    ) AS player
),
created AS (
    INSERT INTO players (id, canonical_name, nationality_ioc, atp_id, wta_id, itf_id, created_at, updated_at)
    SELECT id, name, nationality_ioc, atp_id, wta_id, itf_id, $7, $7 FROM fresh ORDER BY number
),
told AS (
    INSERT INTO player_genders (player_id, gender)
    SELECT id, gender FROM fresh ORDER BY number
)
SELECT id FROM fresh ORDER BY number;
