-- Everything that defines the given tables, a line each: columns, constraints, indexes. $1: their names.
SELECT line
FROM (
    SELECT format('%s.%s %s%s%s', class.relname, attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
                  CASE WHEN attribute.attnotnull THEN ' NOT NULL' ELSE '' END,
                  coalesce(' DEFAULT ' || pg_get_expr(column_default.adbin, column_default.adrelid), '')) AS line
    FROM pg_class AS class
    JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    LEFT JOIN pg_attrdef AS column_default
        ON column_default.adrelid = class.oid AND column_default.adnum = attribute.attnum
    WHERE class.relname = ANY ($1) AND class.relnamespace = 'public'::regnamespace AND class.relkind = 'r'
    UNION ALL
    SELECT format('%s constraint %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint
    -- PostgreSQL 18 lists NOT NULL here as well; the columns have it already.
    WHERE conrelid <> 0 AND (SELECT relname FROM pg_class WHERE oid = conrelid) = ANY ($1) AND contype <> 'n'
    UNION ALL
    SELECT format('%s index %s', tablename, indexdef)
    FROM pg_indexes
    WHERE schemaname = 'public' AND tablename = ANY ($1)
) AS lines
ORDER BY line COLLATE "C";
