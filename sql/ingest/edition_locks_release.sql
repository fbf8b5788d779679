-- Gives the session's locks on editions back. $1: the locks' class; $2: the locks.
SELECT count(pg_advisory_unlock($1, taken.lock)) FROM unnest($2::integer[]) AS taken (lock);
