-- The state of a player who goes. The ELO stage makes the other's again. $1: the player.
DELETE FROM player_elo_states WHERE player_id = $1;
