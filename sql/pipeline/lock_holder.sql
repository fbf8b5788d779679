-- Who holds an advisory lock in this database. $1: key. The server splits a 64-bit key into two halves. Of other roles'
-- sessions it shows host and start (here null) only to members of pg_read_all_stats.
SELECT held.pid,
       coalesce(nullif(activity.application_name, ''), 'an unnamed program') AS application_name,
       CASE WHEN activity.backend_start IS NOT NULL
            THEN coalesce(nullif(activity.client_hostname, ''), host(activity.client_addr), 'this machine') END AS host,
       to_char(activity.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
FROM pg_locks AS held
LEFT JOIN pg_stat_activity AS activity ON activity.pid = held.pid
WHERE held.locktype = 'advisory'
  AND held.granted
  AND held.objsubid = 1
  AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND held.classid::bigint = (($1::bigint >> 32) & 4294967295)
  AND held.objid::bigint = ($1::bigint & 4294967295)
LIMIT 1;
