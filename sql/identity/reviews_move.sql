-- Rows of the review queue that name one player name another. $1: who is named; $2: who goes.
UPDATE player_review_queue
SET suggested_player_1_id = CASE suggested_player_1_id WHEN $2 THEN $1 ELSE suggested_player_1_id END,
    suggested_player_2_id = CASE suggested_player_2_id WHEN $2 THEN $1 ELSE suggested_player_2_id END,
    suggested_player_3_id = CASE suggested_player_3_id WHEN $2 THEN $1 ELSE suggested_player_3_id END,
    resolved_player_id = CASE resolved_player_id WHEN $2 THEN $1 ELSE resolved_player_id END
WHERE $2 IN (suggested_player_1_id, suggested_player_2_id, suggested_player_3_id, resolved_player_id);
