-- What another run does that has had the lock.
UPDATE pipeline_runs SET status = 'abandoned' WHERE status = 'running';
