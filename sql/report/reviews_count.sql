-- How many names wait for a decision.
SELECT count(*) FROM player_review_queue WHERE status = 'pending';
