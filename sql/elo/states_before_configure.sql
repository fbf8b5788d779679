-- For one transaction: what reads a large part of the matches at once is planned as the server thinks best.
SET LOCAL enable_seqscan TO on;
SET LOCAL enable_bitmapscan TO on;
SET LOCAL enable_sort TO on;
SET LOCAL enable_hashjoin TO on;
SET LOCAL enable_mergejoin TO on;
