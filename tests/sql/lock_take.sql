-- Takes a lock as the legacy orchestrator would. $1: key.
SELECT pg_try_advisory_lock($1);
