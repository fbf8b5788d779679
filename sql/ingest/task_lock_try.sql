-- Takes the session's lock on a task if it is free. $1: the lock's class; $2: the task's id.
SELECT pg_try_advisory_lock($1, $2);
