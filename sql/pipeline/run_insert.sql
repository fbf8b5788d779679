-- A run begins; the summary comes at its end, until then there is only what tells whether it lives. $1: run_id, $2: now, $3: the
-- key of the lock that it works under.
INSERT INTO pipeline_runs (run_id, started_at, status, summary_json)
VALUES ($1, $2, 'running', jsonb_build_object('lock_key', $3::bigint));
