-- The run of this id, else those whose ids begin so, newest first; two of them tell that there are several. With the id of the
-- newest run of all. $1: run_id, or its beginning.
SELECT run.run_id,
       run.status,
       run.started_at,
       run.ended_at,
       run.summary_json ->> 'error_text' AS error_text,
       run.summary_json ->> 'artifacts' AS artifacts,
       (SELECT newest.run_id FROM pipeline_runs AS newest ORDER BY newest.id DESC LIMIT 1) AS newest
FROM pipeline_runs AS run
WHERE starts_with(run.run_id, $1)
ORDER BY run.run_id = $1 DESC, run.id DESC
LIMIT 2;
