-- What was last ingested of files with these names, in any folder; the latest first. A file is decided when an entry of the review
-- queue that it waited for waits no more. $1: file names.
SELECT file.folder, file.file_name, file.size_bytes, file.sha256, file.from_date, file.until_date,
       EXISTS (
           SELECT
           FROM feed_file_reviews AS waiting
           WHERE (waiting.folder, waiting.file_name) = (file.folder, file.file_name)
             AND NOT EXISTS (
                 SELECT FROM player_review_queue AS entry WHERE entry.id = waiting.review_id AND entry.status = 'pending'
             )
       ) AS is_decided
FROM feed_files AS file
WHERE file.file_name = ANY ($1)
ORDER BY file.ingested_at DESC, file.folder;
