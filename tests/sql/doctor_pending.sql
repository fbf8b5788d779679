-- Two changes that nobody has rated yet.
INSERT INTO elo_pending (temporal_order, match_id, player_a_id, player_b_id, reason)
VALUES (202601010000000, 1, 1, 2, 'insert'),
       (202601020000000, 2, 1, 2, 'insert');
