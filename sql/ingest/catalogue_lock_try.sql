-- Takes the lock on making tournaments, editions and players, until the transaction's end, if it is free. $1: key.
SELECT pg_try_advisory_xact_lock($1);
