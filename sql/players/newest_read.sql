-- The player who came last.
SELECT coalesce(max(id), 0) FROM players;
