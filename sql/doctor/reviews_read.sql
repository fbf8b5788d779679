-- How many names wait for a decision and since when, and how many came and were decided lately. $1: lately begins here, UTC.
SELECT count(*) FILTER (WHERE status = 'pending') AS waiting,
       min(created_at) FILTER (WHERE status = 'pending') AS oldest,
       count(*) FILTER (WHERE created_at >= $1) AS came,
       count(*) FILTER (WHERE resolved_at >= $1) AS decided
FROM player_review_queue;
