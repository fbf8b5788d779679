-- The database, by its name, its number, and when its server was started: another server has started at another time.
SELECT format(
           '%s, number %s of the server started at %s',
           current_database(),
           oid,
           to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
FROM pg_database
WHERE datname = current_database();
