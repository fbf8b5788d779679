-- Notes what somebody did by hand. $1: what; $2: the details; $3: now, UTC.
INSERT INTO update_log (update_type, details, success, created_at) VALUES ($1, $2, true, $3);
