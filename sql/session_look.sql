-- The server's process that this session has at the moment, and when another process last began or ended something. $1: that one.
SELECT pg_backend_pid() AS process,
       (SELECT state_change::text FROM pg_stat_activity WHERE pid = $1) AS worked_at;
