-- The runs that have not recorded how they ended.
SELECT run_id FROM pipeline_runs WHERE status = 'running';
