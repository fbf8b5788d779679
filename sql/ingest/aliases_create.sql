-- Spellings that are not there yet. A spelling of two players belongs to the one who came first. $1: player ids; $2: their
-- normalised spellings; $3: source; $4: now, UTC.
INSERT INTO player_aliases (player_id, alias, source, created_at)
SELECT spelling.player_id, spelling.alias, $3::text, $4
FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS spelling (player_id, alias, number)
WHERE NOT EXISTS (SELECT FROM player_aliases AS known WHERE known.alias = spelling.alias AND known.source = $3::text)
ORDER BY spelling.number
ON CONFLICT (alias, source) DO NOTHING;
