-- The doctor looks; it waits for nobody for long.
SET LOCAL lock_timeout TO '5s';
SET LOCAL statement_timeout TO '30s';
