-- Gives a match to the other player. $1: match.
UPDATE matches SET winner_id = CASE winner_id WHEN player_a_id THEN player_b_id ELSE player_a_id END WHERE id = $1;
