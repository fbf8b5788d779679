-- The server's process that this session has at the moment.
SELECT pg_backend_pid();
