-- Every session of ours: UTC, because the tables hold UTC without a time zone; ISO dates; and no JIT, which
-- costs more than it brings on our short statements.
SET TIME ZONE 'UTC';
SET datestyle TO 'ISO, YMD';
SET jit TO off;
