-- The entries of the review queue that a file waits for, all of them. $1: folder; $2: file name; $3: entries.
WITH gone AS (
    DELETE FROM feed_file_reviews WHERE folder = $1 AND file_name = $2 AND review_id <> ALL ($3)
)
INSERT INTO feed_file_reviews (folder, file_name, review_id)
SELECT $1, $2, unnest($3::integer[])
ON CONFLICT (folder, file_name, review_id) DO NOTHING;
