-- How often ratings of a match were written, and of how many matches.
SELECT count(*) AS writes, count(DISTINCT match_id) AS matches FROM rating_writes;
