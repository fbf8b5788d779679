-- Every stage began so many minutes earlier. $1: minutes.
UPDATE pipeline_stage_runs SET started_at = started_at - $1::integer * interval '1 minute';
