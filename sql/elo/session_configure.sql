-- Every statement of the stage that runs in each batch touches a small part of large tables, and finds it by an index. The
-- planner underestimates how many matches are ratable, and would now and then read the whole table for a batch instead.
SET enable_seqscan TO off;
SET enable_hashjoin TO off;
SET enable_mergejoin TO off;
