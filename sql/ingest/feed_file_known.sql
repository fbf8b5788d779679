-- Whether a file of this name was ingested before, from any folder. $1: file name.
SELECT EXISTS (SELECT FROM feed_files WHERE file_name = $1);
