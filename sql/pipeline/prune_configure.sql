-- Pruning is never worth waiting for, and must not keep a run from ending.
SET LOCAL lock_timeout TO '5s';
SET LOCAL statement_timeout TO '60s';
