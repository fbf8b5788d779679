-- Whether names are compared with the help of pg_trgm, and whether they could be.
SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') AS is_installed,
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') AS is_available,
       'CREATE EXTENSION pg_trgm;' AS fix;
