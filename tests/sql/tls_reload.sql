-- Lets the server read its settings and files again.
SELECT pg_reload_conf()
