-- A player of a test. $1: id; $2: name; $3: atp_id; $4: the archive's id, for men; null: none.
WITH created AS (
    INSERT INTO players (id, canonical_name, atp_id, created_at, updated_at)
    VALUES ($1::integer, $2, $3, '2026-01-01', '2026-01-01')
)
INSERT INTO player_external_ids (source, gender, external_id, player_id, created_at)
SELECT 'sackmann', 'men', $4::text, $1::integer, '2026-01-01' WHERE $4::text IS NOT NULL;
