-- The server's clock, in seconds since 1970. The doctor compares it with this machine's: nothing else asks for it.
SELECT extract(epoch FROM clock_timestamp())::float8 AS now_s;
