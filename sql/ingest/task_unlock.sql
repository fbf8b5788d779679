-- Gives the session's lock on a task back. $1: the lock's class; $2: the task's id.
SELECT pg_advisory_unlock($1, $2);
