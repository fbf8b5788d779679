-- The entries of the review queue that say something of a name: it waits, is this player, or is nobody. $1: sources.
SELECT id, scraped_name, scraped_source, scraped_external_id, status, resolved_player_id
FROM player_review_queue
WHERE (status IN ('pending', 'ignored') OR resolved_player_id IS NOT NULL) AND scraped_source = ANY ($1)
ORDER BY id DESC;
