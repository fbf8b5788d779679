-- A stage's checkpoint. $1: key.
SELECT value_json FROM pipeline_checkpoints WHERE key = $1;
