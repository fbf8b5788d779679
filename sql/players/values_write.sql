-- Notes which source filled which field. $1: a list of objects, one a field; $2: now, UTC.
INSERT INTO player_enrichment_values (player_id, field, value, provider, origin, given_at)
SELECT given.player_id, given.field, given.value, given.provider, given.origin, $2
FROM jsonb_to_recordset($1) AS given (player_id integer, field text, value text, provider text, origin text)
ON CONFLICT (player_id, field) DO UPDATE
SET value = excluded.value, provider = excluded.provider, origin = excluded.origin, given_at = excluded.given_at;
