-- Matches of two players against each other, the first few. $1, $2: the players.
SELECT id
FROM matches
WHERE (player_a_id = $1 AND player_b_id = $2) OR (player_a_id = $2 AND player_b_id = $1)
ORDER BY id
LIMIT 10;
