-- When the sources were last asked about a player. $1: the player.
SELECT provider, tries, tried_at, next_try_at, outcome, detail, rejected
FROM player_enrichment_tries
WHERE player_id = $1
ORDER BY provider;
