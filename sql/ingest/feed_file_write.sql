-- Notes what was ingested of a file. $1: folder; $2: file name; $3: size; $4: SHA-256; $5, $6: bounds; $7 to $12: rows read,
-- accepted, rejected, duplicate, out of range, waiting; $13: now, UTC.
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
    ingested_at = excluded.ingested_at;
