-- The columns of Teelo's tables that are missing or have a type that will not do; migration 1 says which will.
-- needs: sql/migrations/0001_check_existing_tables.sql
SELECT expected.table_name,
       expected.column_name,
       expected.type AS expected,
       actual.type AS found
FROM (
    SELECT *, to_regclass(quote_ident(table_name)) AS relation, type::regtype AS type_id FROM expected_columns
) AS expected
LEFT JOIN LATERAL (
    SELECT format_type(attribute.atttypid, attribute.atttypmod) AS type,
           attribute.atttypid AS type_id,
           attribute.atttypmod AS modifier
    FROM pg_attribute AS attribute
    WHERE attribute.attrelid = expected.relation
      AND attribute.attname = expected.column_name
      AND attribute.attnum > 0
      AND NOT attribute.attisdropped
) AS actual ON true
WHERE expected.relation IS NOT NULL
  AND (actual.type = expected.type
       OR (expected.type_id = 'varchar'::regtype AND actual.type_id = 'text'::regtype)
       OR (expected.type_id = 'varchar'::regtype
           AND actual.type_id = 'varchar'::regtype
           AND (actual.modifier = -1 OR actual.modifier - 4 >= substring(expected.type FROM '[0-9]+')::integer))
       OR (expected.type_id = 'numeric'::regtype
           AND actual.type_id = 'numeric'::regtype
           AND (actual.modifier = -1
                OR (((actual.modifier - 4) & 2047) = substring(expected.type FROM ',([0-9]+)')::integer
                    AND (((actual.modifier - 4) >> 16) & 65535) >= substring(expected.type FROM '[0-9]+')::integer)))
      ) IS NOT TRUE
ORDER BY expected.table_name, expected.column_name;
