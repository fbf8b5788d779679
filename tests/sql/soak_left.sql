-- What may be left behind, and what may not.
SELECT (SELECT count(*) FROM pipeline_runs WHERE status = 'running') AS runs_running,
       (SELECT count(*) FROM pipeline_stage_runs WHERE status = 'running') AS stages_running,
       (SELECT count(*) FROM scrape_queue WHERE status = 'in_progress') AS tasks_in_progress,
       (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks,
       (SELECT count(*) FROM elo_pending) AS pending,
       (SELECT count(*) FROM matches WHERE elo_post_player_a IS NOT NULL) AS matches;
