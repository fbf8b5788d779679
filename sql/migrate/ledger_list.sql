-- Every applied migration, in order.
SELECT version, name, checksum, to_char(applied_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS applied_at
FROM teelo_migrations
ORDER BY version;
