-- Gives all locks back that the session holds.
SELECT pg_advisory_unlock_all();
