-- How many matches have a status. $1: the status.
SELECT count(*) FROM matches WHERE status = $1;
