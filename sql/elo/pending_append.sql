-- From this position on every match is rated again. $1, $2: the position; $3: the reason.
INSERT INTO elo_pending (temporal_order, match_id, reason) VALUES ($1, $2, $3);
