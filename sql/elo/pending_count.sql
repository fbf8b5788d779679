-- How many rows are pending, for the progress line.
SELECT count(*) FROM elo_pending;
