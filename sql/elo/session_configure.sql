-- Every statement of the stage that runs in each batch touches a small part of large tables, and finds it by an index, in the
-- index's order. The planner underestimates how many matches are ratable, and would read and sort all the rest of the table
-- for a batch instead.
SET enable_seqscan TO off;
SET enable_bitmapscan TO off;
SET enable_sort TO off;
SET enable_hashjoin TO off;
SET enable_mergejoin TO off;
SET max_parallel_workers_per_gather TO 0;
-- The batches of a pass do not wait for the disk one by one. A server that crashes may so lose the last of them, never one without
-- all that came after it, and what is pending is in the same transaction: the next run rates the same again. The last batch of
-- a pass waits, and with it all before it are safe.
SET synchronous_commit TO off;
