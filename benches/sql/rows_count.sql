-- How many rows the four tables have.
SELECT (SELECT count(*) FROM players), (SELECT count(*) FROM tournaments), (SELECT count(*) FROM tournament_editions),
       (SELECT count(*) FROM matches);
