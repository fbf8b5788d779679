-- Ends the sessions of one purpose. $1: application name.
SELECT pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE datname = current_database()
  AND application_name = $1;
