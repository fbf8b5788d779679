-- The ids of one player become another's. $1: who keeps them; $2: who goes.
UPDATE player_external_ids SET player_id = $1 WHERE player_id = $2;
