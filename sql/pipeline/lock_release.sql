-- Gives back the session's advisory lock. $1: key.
SELECT pg_advisory_unlock($1);
