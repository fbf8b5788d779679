-- Since when the server has run without a restart or a crash, as text to compare: a restart changes the first, and a crash, after
-- which the server goes on with new processes, discards the statistics and so changes the second.
SELECT concat_ws(' ', pg_postmaster_start_time(), (SELECT stats_reset FROM pg_stat_bgwriter));
