-- A report that waits behind a migration would hide the very trouble that it is asked about.
SET LOCAL lock_timeout TO '5s';
SET LOCAL statement_timeout TO '60s';
