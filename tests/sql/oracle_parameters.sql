-- The parameter set in force.
SELECT name, params FROM elo_parameter_sets WHERE is_active ORDER BY created_at DESC, id DESC LIMIT 1;
