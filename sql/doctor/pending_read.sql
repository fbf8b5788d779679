-- What waits to be rated, when the stage that rates last succeeded in a run, how often it has run at all, and whether its last
-- three runs (or as many as there were, at least two) all left something over. $1: the stage.
WITH ended AS (
    SELECT id, status, coalesce(ended_at, started_at) AS ended_at, metrics_json
    FROM pipeline_stage_runs
    WHERE stage_name = $1
      AND status NOT IN ('running', 'skipped')
),
last_three AS (
    SELECT coalesce(metrics_json ->> 'left_pending', 'false') = 'true' AS has_left FROM ended ORDER BY id DESC LIMIT 3
)
SELECT (SELECT count(*) FROM elo_pending) AS changes,
       (SELECT max(ended_at) FROM ended WHERE status IN ('success', 'partial')) AS last_success,
       (SELECT count(*) > 1 AND bool_and(has_left) FROM last_three) AS is_always_left;
