-- Results that turn out to be wrong after they were rated.
UPDATE matches SET winner_id = player_a_id + player_b_id - winner_id WHERE id IN (10, 400, 1200);
DELETE FROM matches WHERE id IN (30, 1000);
