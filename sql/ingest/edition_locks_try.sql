-- Takes the session's locks on editions; returns those that others hold. $1: the locks' class; $2: the locks.
SELECT wanted.lock AS held
FROM unnest($2::integer[]) AS wanted (lock)
WHERE NOT pg_try_advisory_lock($1, wanted.lock);
