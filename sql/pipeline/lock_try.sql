-- Takes the session's advisory lock if it is free. $1: key.
SELECT pg_try_advisory_lock($1);
