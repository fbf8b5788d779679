-- The server's processes of the sessions whose application name is like $1.
SELECT pid
FROM pg_stat_activity
WHERE datname = current_database()
  AND application_name LIKE $1;
