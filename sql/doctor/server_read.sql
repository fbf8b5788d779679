-- What kind of server, database and session this is. reset_val is what a session has that chooses nothing itself, as those of other
-- programs do.
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::integer / 10000 AS major,
       current_setting('server_encoding') AS encoding,
       current_database()::text AS database,
       current_setting('TimeZone') AS time_zone,
       (SELECT reset_val FROM pg_settings WHERE name = 'TimeZone') AS default_time_zone,
       (SELECT reset_val::bigint FROM pg_settings WHERE name = 'statement_timeout') AS statement_timeout_ms,
       format('ALTER DATABASE %I SET timezone TO ''UTC'';', current_database()) AS time_zone_fix,
       format('ALTER ROLE %I SET statement_timeout TO 0;', current_user) AS statement_timeout_fix;
