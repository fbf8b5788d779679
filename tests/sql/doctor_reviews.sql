-- Names in the queue, two of them waiting. $1: when the first came.
INSERT INTO player_review_queue (scraped_name, scraped_source, status, created_at, resolved_at)
VALUES ('First', 'atp', 'pending', $1, NULL),
       ('Second', 'atp', 'pending', $1::timestamp + interval '1 hour', NULL),
       ('Third', 'atp', 'resolved', $1, $1::timestamp + interval '1 hour');
