-- How many sessions of one purpose wait for a lock of another session. $1: application name.
SELECT count(*)
FROM pg_stat_activity
WHERE datname = current_database()
  AND application_name = $1
  AND wait_event_type = 'Lock';
