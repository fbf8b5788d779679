-- What the server takes a parameter for. $1: any value.
SELECT pg_typeof($1)::text;
