-- Claims the first task that is due and that nobody works on. A worker's session holds the advisory lock ($5, id) while
-- it works, so a task in progress whose lock is free was left behind by a worker that died. Returns the task, without its
-- parameters when another worker took the lock just now.
-- $1: folders; $2: tours; $3: now, UTC; $4: ids to leave alone; $5: the lock's class.
WITH first AS MATERIALIZED (
    SELECT task.id
    FROM scrape_queue AS task
    WHERE task.task_type = 'feed_file'
      AND task.task_params ->> 'folder' = ANY ($1)
      AND string_to_array(task.task_params ->> 'tour', ',') && $2::text[]
      AND task.id <> ALL ($4)
      AND (task.status IN ('pending', 'in_progress')
           OR (task.status = 'retry' AND (task.next_retry_at IS NULL OR task.next_retry_at <= $3)))
      AND NOT EXISTS (
          SELECT
          FROM pg_locks AS held
          WHERE held.locktype = 'advisory'
            AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND held.objsubid = 2
            AND held.classid::bigint = ($5::integer::bigint & 4294967295)
            AND held.objid::bigint = task.id
      )
    ORDER BY task.priority, task.id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
),
-- By now another worker may have looked, too.
locked AS MATERIALIZED (
    SELECT id, pg_try_advisory_lock($5, id) AS is_ours FROM first
),
claimed AS (
    UPDATE scrape_queue
    SET status = 'in_progress', started_at = $3
    FROM locked
    WHERE scrape_queue.id = locked.id AND locked.is_ours
    RETURNING scrape_queue.task_params
)
SELECT locked.id, claimed.task_params FROM locked LEFT JOIN claimed ON true;
