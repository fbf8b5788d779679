-- When the server read its settings, as new sessions have them.
SELECT pg_conf_load_time()::text
