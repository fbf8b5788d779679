-- Whose events a player plays is known of another one from now on. $1: who stays; $2: who goes.
UPDATE player_genders
SET player_id = $1
WHERE player_id = $2 AND NOT EXISTS (SELECT FROM player_genders WHERE player_id = $1);
