-- Who holds an advisory lock in this database. $1: key. The server splits a 64-bit key into two halves.
SELECT activity.pid,
       coalesce(nullif(activity.application_name, ''), 'an unnamed program') AS application_name,
       coalesce(nullif(activity.client_hostname, ''), host(activity.client_addr), 'this machine') AS host,
       to_char(activity.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
FROM pg_locks AS held
JOIN pg_stat_activity AS activity ON activity.pid = held.pid
WHERE held.locktype = 'advisory'
  AND held.granted
  AND held.objsubid = 1
  AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND held.classid::bigint = (($1::bigint >> 32) & 4294967295)
  AND held.objid::bigint = ($1::bigint & 4294967295)
LIMIT 1;
