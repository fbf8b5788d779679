-- The active parameter sets, the one in force (the newest) first, and what leaves it alone.
SELECT name,
       format('UPDATE elo_parameter_sets SET is_active = false WHERE id = %s;', id) AS fix
FROM elo_parameter_sets
WHERE is_active
ORDER BY created_at DESC, id DESC;
