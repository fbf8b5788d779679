-- The parameter set in force: the newest active one. One row a key; a set without keys gives one row with a null key.
SELECT chosen.name,
       jsonb_typeof(chosen.params) AS kind,
       entries.key,
       entries.value::text AS value
FROM (
    SELECT name, params
    FROM elo_parameter_sets
    WHERE is_active
    ORDER BY created_at DESC, id DESC
    LIMIT 1
) AS chosen
LEFT JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(chosen.params) = 'object' THEN chosen.params ELSE '{}' END) AS entries
    ON true
ORDER BY entries.key;
