-- --clear-queue: drops our tasks that are not finished. Other task types in the queue belong to others.
DELETE FROM scrape_queue
WHERE task_type = 'feed_file' AND status IN ('pending', 'retry', 'in_progress');
