-- An entry of the review queue, held until it is decided. $1: the entry.
SELECT scraped_name, scraped_source, scraped_external_id, status FROM player_review_queue WHERE id = $1 FOR UPDATE;
