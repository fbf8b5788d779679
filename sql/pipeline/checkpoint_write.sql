-- A stage's checkpoint. $1: key; $2: value; $3: now, UTC.
INSERT INTO pipeline_checkpoints (key, value_json, updated_at) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET value_json = excluded.value_json, updated_at = excluded.updated_at;
