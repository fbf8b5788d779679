-- Leaves the newest $1 rated matches.
DELETE FROM matches WHERE id NOT IN (
    SELECT id FROM matches WHERE elo_post_player_a IS NOT NULL ORDER BY temporal_order DESC, id DESC LIMIT $1
);
