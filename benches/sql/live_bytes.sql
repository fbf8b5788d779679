-- About what the rows themselves take.
SELECT sum(pg_column_size(matches.*))::bigint FROM matches;
