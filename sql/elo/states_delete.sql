-- Deletes the states of players without a rated match. $1: players.
DELETE FROM player_elo_states WHERE player_id = ANY ($1);
