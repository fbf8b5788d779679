-- More runs than anybody looks at, long ago.
INSERT INTO pipeline_runs (run_id, started_at, ended_at, status)
SELECT 'run ' || number, timestamp '2020-01-01' + number * interval '1 hour', timestamp '2020-01-01' + number * interval '1 hour', 'success'
FROM generate_series(1, 5001) AS number;
