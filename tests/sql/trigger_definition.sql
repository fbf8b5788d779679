-- The trigger elo_update of a table: the columns of its UPDATE OF, and its definition, of which only the WHEN names old and new.
-- $1: table.
SELECT ARRAY(SELECT attname::text
             FROM pg_attribute
             WHERE attrelid = trigger.tgrelid AND attnum = ANY (trigger.tgattr::smallint[])) AS columns,
       pg_get_triggerdef(trigger.oid) AS condition
FROM pg_trigger AS trigger
WHERE trigger.tgname = 'elo_update' AND trigger.tgrelid = $1::text::regclass;
