-- Entries of the review queue that wait, or are nobody. $1: sources.
SELECT id, scraped_name, scraped_source, scraped_external_id, status
FROM player_review_queue
WHERE status IN ('pending', 'ignored') AND scraped_source = ANY ($1)
ORDER BY id;
