-- The places of a draw of one player become another's. $1: who keeps them; $2: who goes.
UPDATE draw_places
SET player_a_id = CASE player_a_id WHEN $2 THEN $1 ELSE player_a_id END,
    player_b_id = CASE player_b_id WHEN $2 THEN $1 ELSE player_b_id END
WHERE player_a_id = $2 OR player_b_id = $2;
