-- Transactions in this database that began long ago: while one is open nothing that was replaced since can be cleaned away.
-- Other roles' sessions are seen by members of pg_read_all_stats only. $1: before this time.
SELECT pid,
       coalesce(nullif(application_name, ''), 'an unnamed program') AS program,
       to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
FROM pg_stat_activity
WHERE datname = current_database()
  AND pid <> pg_backend_pid()
  AND xact_start < $1
ORDER BY xact_start;
