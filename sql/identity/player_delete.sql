-- Deletes a player who has nothing left, and returns what was known of them. $1: the player.
DELETE FROM players
WHERE id = $1
RETURNING atp_id, wta_id, itf_id, nationality_ioc, birth_date, turned_pro_year, hand, backhand, height_cm;
