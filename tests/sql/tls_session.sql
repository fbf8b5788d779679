-- What a session is: encrypted or not, for whom, under which name, and when each end gives up a silent other.
SELECT coalesce(ssl, false) AS is_encrypted,
       current_user::text AS user_name,
       current_setting('application_name') AS application_name,
       current_setting('TimeZone') AS time_zone,
       current_setting('statement_timeout') AS statement_timeout,
       current_setting('lock_timeout') AS lock_timeout,
       current_setting('tcp_keepalives_idle') AS keepalives_idle,
       current_setting('client_connection_check_interval') AS check_interval
FROM (SELECT 1) AS one
LEFT JOIN pg_stat_ssl ON pg_stat_ssl.pid = pg_backend_pid()
