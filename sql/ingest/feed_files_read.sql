-- What was last ingested of files with these names, in any folder; the latest first. $1: file names.
SELECT folder, file_name, size_bytes, sha256, from_date, until_date
FROM feed_files
WHERE file_name = ANY ($1)
ORDER BY ingested_at DESC, folder;
