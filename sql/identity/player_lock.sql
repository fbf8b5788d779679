-- A player, held until the transaction ends: nobody may write a match of a player who is about to go. $1: the player.
SELECT canonical_name, atp_id, wta_id, itf_id FROM players WHERE id = $1 FOR UPDATE;
