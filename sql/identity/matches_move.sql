-- The matches of one player become another's. $1: who keeps them; $2: who goes; $3: now, UTC.
UPDATE matches
SET player_a_id = CASE player_a_id WHEN $2 THEN $1 ELSE player_a_id END,
    player_b_id = CASE player_b_id WHEN $2 THEN $1 ELSE player_b_id END,
    winner_id = CASE winner_id WHEN $2 THEN $1 ELSE winner_id END,
    updated_at = $3
WHERE player_a_id = $2 OR player_b_id = $2;
