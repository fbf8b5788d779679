-- Somebody looks at update_log and lets nobody change it.
BEGIN;
LOCK TABLE update_log IN SHARE MODE;
