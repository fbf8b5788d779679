-- Matches of a player that are there more than once: the same edition, round and opponent. $1: the player.
SELECT array_agg(id ORDER BY id) AS match_ids
FROM matches
WHERE (player_a_id = $1 OR player_b_id = $1) AND status <> 'cancelled' AND tournament_edition_id IS NOT NULL
GROUP BY tournament_edition_id, round, CASE player_a_id WHEN $1 THEN player_b_id ELSE player_a_id END
HAVING count(*) > 1
ORDER BY min(id);
