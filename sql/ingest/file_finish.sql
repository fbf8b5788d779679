-- A file is done: what was ingested of it, the entries of the review queue that it waits for (all of them), and the end of its task.
-- When the file changed meanwhile, the task is pending again.
-- $1: folder; $2: file name; $3: size; $4: SHA-256; $5, $6: bounds; $7 to $12: rows read, accepted, rejected, duplicate, out of
-- range, waiting; $13: now, UTC; $14: entries; $15: task; $16: the parameters that were worked on.
WITH noted AS (
    INSERT INTO feed_files (
        folder, file_name, size_bytes, sha256, from_date, until_date,
        rows_read, rows_accepted, rows_rejected, rows_duplicate, rows_out_of_range, rows_waiting,
        ingested_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    ON CONFLICT (folder, file_name) DO UPDATE SET
        size_bytes = excluded.size_bytes,
        sha256 = excluded.sha256,
        from_date = excluded.from_date,
        until_date = excluded.until_date,
        rows_read = excluded.rows_read,
        rows_accepted = excluded.rows_accepted,
        rows_rejected = excluded.rows_rejected,
        rows_duplicate = excluded.rows_duplicate,
        rows_out_of_range = excluded.rows_out_of_range,
        rows_waiting = excluded.rows_waiting,
        ingested_at = excluded.ingested_at
),
decided AS (
    DELETE FROM feed_file_reviews WHERE folder = $1 AND file_name = $2 AND review_id <> ALL ($14)
),
waiting AS (
    INSERT INTO feed_file_reviews (folder, file_name, review_id)
    SELECT $1, $2, unnest($14::integer[])
    ON CONFLICT (folder, file_name, review_id) DO NOTHING
)
UPDATE scrape_queue
SET status = CASE WHEN task_params = $16 THEN 'completed' ELSE 'pending' END,
    completed_at = CASE WHEN task_params = $16 THEN $13::timestamp END,
    last_error = NULL,
    next_retry_at = NULL
WHERE id = $15;
