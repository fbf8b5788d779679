-- The waiting time of tasks is over.
UPDATE scrape_queue SET next_retry_at = '2000-01-01' WHERE status = 'retry';
