-- Every statement of the stage that runs in each batch touches a small part of large tables, and finds it by an index, in the
-- index's order. The planner underestimates how many matches are ratable, and would read and sort all the rest of the table
-- for a batch instead.
SET enable_seqscan TO off;
SET enable_bitmapscan TO off;
SET enable_sort TO off;
SET enable_hashjoin TO off;
SET enable_mergejoin TO off;
SET max_parallel_workers_per_gather TO 0;
