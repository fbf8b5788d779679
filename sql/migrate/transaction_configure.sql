-- For the transaction of one migration. Waiting for a lock on a table makes everybody else wait behind us, so the wait
-- is short and tried again; a statement may take as long as it needs; a backslash in '…' is a backslash; that something
-- exists already is expected and not worth a notice.
SET LOCAL lock_timeout TO '3s';
SET LOCAL statement_timeout TO 0;
SET LOCAL standard_conforming_strings TO on;
SET LOCAL client_min_messages TO warning;
