-- Indexes of matches that a rating has to write: those whose columns, expressions or condition name one that the ELO stage sets.
SELECT index.relname AS index_name,
       string_agg(DISTINCT attribute.attname, ', ') AS columns,
       format('DROP INDEX CONCURRENTLY %I;', index.relname) AS fix
FROM pg_depend AS dependency
JOIN pg_class AS index ON index.oid = dependency.objid AND index.relkind = 'i'
JOIN pg_attribute AS attribute
    ON attribute.attrelid = dependency.refobjid
    AND attribute.attnum = dependency.refobjsubid
WHERE dependency.classid = 'pg_class'::regclass
  AND dependency.refclassid = 'pg_class'::regclass
  AND dependency.refobjid = 'matches'::regclass
  AND attribute.attname IN ('elo_pre_player_a', 'elo_pre_player_b', 'elo_post_player_a', 'elo_post_player_b',
                            'elo_params_version', 'elo_processed_at', 'elo_needs_recompute')
GROUP BY index.relname
ORDER BY index.relname;
