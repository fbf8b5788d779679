-- Waits for a lock in line, and so has it at the moment at which its holder ends. $1: key.
SELECT pg_advisory_lock($1);
