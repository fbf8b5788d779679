-- How many runs are kept, and since when.
SELECT count(*) AS runs, min(started_at) AS oldest FROM pipeline_runs;
