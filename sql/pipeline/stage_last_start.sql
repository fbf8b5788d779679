-- When a stage last began that got to its end, if it ever did. $1: the stage.
SELECT max(started_at) FROM pipeline_stage_runs WHERE stage_name = $1 AND status IN ('success', 'partial');
