-- Whether nobody has ended the run or marked it as abandoned. $1: run_id.
SELECT EXISTS (SELECT FROM pipeline_runs WHERE run_id = $1 AND status = 'running');
