-- Holds the lock of the oldest task, as its worker does. $1: the lock's class.
SELECT pg_advisory_lock($1, min(id)) FROM scrape_queue;
