-- Statements look rows up in large tables by an index. The server remembers how it checks a foreign key, for as long as the
-- session lasts: planned while a table is all but empty, the check would read the whole table for every row that comes later.
SET enable_seqscan TO off;
