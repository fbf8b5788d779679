-- What this role lacks: tables that are not there (right is null), and rights on tables, sequences, and for temporary tables; with
-- the statement that gives each.
WITH needed (table_name, rights) AS (
    VALUES ('draw_places', 'SELECT, INSERT, UPDATE, DELETE'),
           ('elo_parameter_sets', 'SELECT'),
           ('elo_pending', 'SELECT, INSERT, UPDATE, DELETE'),
           ('feed_file_reviews', 'SELECT, INSERT, DELETE'),
           ('feed_files', 'SELECT, INSERT, UPDATE'),
           ('matches', 'SELECT, INSERT, UPDATE'),
           ('pipeline_checkpoints', 'SELECT, INSERT, UPDATE'),
           ('pipeline_runs', 'SELECT, INSERT, UPDATE, DELETE'),
           ('pipeline_stage_runs', 'SELECT, INSERT, UPDATE, DELETE'),
           ('player_aliases', 'SELECT, INSERT, UPDATE'),
           ('player_elo_states', 'SELECT, INSERT, UPDATE, DELETE'),
           ('player_enrichment_tries', 'SELECT, INSERT, UPDATE'),
           ('player_enrichment_values', 'SELECT, INSERT, UPDATE'),
           ('player_external_ids', 'SELECT, INSERT, UPDATE'),
           ('player_genders', 'SELECT, INSERT, UPDATE'),
           ('player_review_queue', 'SELECT, INSERT, UPDATE'),
           ('players', 'SELECT, INSERT, UPDATE, DELETE'),
           ('scrape_queue', 'SELECT, INSERT, UPDATE, DELETE'),
           ('teelo_migrations', 'SELECT'),
           ('tournament_editions', 'SELECT, INSERT, UPDATE'),
           ('tournaments', 'SELECT, INSERT, UPDATE'),
           ('update_log', 'SELECT, INSERT, DELETE'),
           ('waiting_schedules', 'SELECT, INSERT, UPDATE, DELETE')
),
lacking_on_tables AS (
    SELECT needed.table_name AS object, wanted.right_name, wanted.number, 'TABLE' AS kind
    FROM needed
    CROSS JOIN LATERAL string_to_table(needed.rights, ', ') WITH ORDINALITY AS wanted (right_name, number)
    WHERE to_regclass(needed.table_name) IS NOT NULL
      AND NOT has_table_privilege(to_regclass(needed.table_name), wanted.right_name)
),
lacking_on_sequences AS (
    -- What numbers the rows of a table belongs to it automatically; numbers of identity columns need no right.
    SELECT sequence.relname::text AS object, 'USAGE' AS right_name, 1 AS number, 'SEQUENCE' AS kind
    FROM needed
    JOIN pg_depend AS dependency
        ON dependency.refobjid = to_regclass(needed.table_name)
        AND dependency.deptype = 'a'
        AND dependency.classid = 'pg_class'::regclass
    JOIN pg_class AS sequence ON sequence.oid = dependency.objid
    WHERE needed.rights LIKE '%INSERT%'
      -- Only a sequence may be asked about as one.
      AND CASE WHEN sequence.relkind = 'S' THEN NOT has_sequence_privilege(sequence.oid, 'USAGE') END
)
SELECT table_name AS object, NULL AS right_name, NULL AS fix
FROM needed
WHERE to_regclass(table_name) IS NULL
UNION ALL
SELECT object,
       string_agg(right_name, ', ' ORDER BY number),
       format('GRANT %s ON %s %I TO %I;', string_agg(right_name, ', ' ORDER BY number), kind, object, current_user)
FROM (SELECT * FROM lacking_on_tables UNION ALL SELECT * FROM lacking_on_sequences) AS lacking
GROUP BY object, kind
UNION ALL
SELECT 'database ' || current_database(),
       'TEMPORARY',
       format('GRANT TEMPORARY ON DATABASE %I TO %I;', current_database(), current_user)
WHERE NOT has_database_privilege(current_database(), 'TEMPORARY')
ORDER BY object;
