-- Which source filled which field of a player. $1: the player.
SELECT field, value, provider, origin, given_at FROM player_enrichment_values WHERE player_id = $1;
