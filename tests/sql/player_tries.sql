-- The tries of a source, by player: how often, how it went, and the days until the next. $1: source.
SELECT player_id, tries, outcome, detail, (extract(epoch FROM next_try_at - tried_at) / 86400)::integer AS days
FROM player_enrichment_tries
WHERE provider = $1
ORDER BY player_id;
