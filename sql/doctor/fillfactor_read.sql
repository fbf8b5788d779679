-- How full the server makes the pages of matches, in percent.
SELECT coalesce(
           (SELECT substring(option FROM '^fillfactor=([0-9]+)$')::integer
            FROM unnest(relation.reloptions) AS option
            WHERE option LIKE 'fillfactor=%'),
           100) AS fillfactor,
       'ALTER TABLE matches SET (fillfactor = 50);' AS fix
FROM pg_class AS relation
WHERE relation.oid = 'matches'::regclass;
