-- Turns the result of one match round: the first of those that lie at least so much before the last in temporal order ($1).
-- Returns its temporal order.
UPDATE matches
SET winner_id = CASE winner_id WHEN player_a_id THEN player_b_id ELSE player_a_id END
WHERE id = (
    SELECT id FROM matches
    WHERE temporal_order >= (SELECT max(temporal_order) FROM matches) - $1 AND elo_post_player_a IS NOT NULL
    ORDER BY temporal_order, id
    LIMIT 1
)
RETURNING temporal_order;
