-- Which transaction last wrote each match.
SELECT external_id, xmin::text FROM matches ORDER BY external_id;
