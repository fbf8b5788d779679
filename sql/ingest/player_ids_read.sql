-- The tours' ids of players. $1: players.
SELECT id, atp_id, wta_id, itf_id FROM players WHERE id = ANY ($1);
