-- The triggers that notice what is to be rated, and how each is enabled: A always (as it should be), O not for replicated changes,
-- R only for those, D not at all; null: the trigger is gone.
SELECT expected.table_name,
       expected.trigger_name,
       present.tgenabled::text AS enabled,
       format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I;', expected.table_name, expected.trigger_name) AS fix
FROM (VALUES ('matches', 'elo_insert'),
             ('matches', 'elo_update'),
             ('matches', 'elo_delete'),
             ('matches', 'elo_truncate'),
             ('tournaments', 'elo_update'),
             ('tournament_editions', 'elo_update')) AS expected (table_name, trigger_name)
LEFT JOIN pg_trigger AS present
    ON present.tgrelid = to_regclass(expected.table_name)
    AND present.tgname = expected.trigger_name
WHERE present.tgenabled IS DISTINCT FROM 'A'
ORDER BY expected.table_name, expected.trigger_name;
