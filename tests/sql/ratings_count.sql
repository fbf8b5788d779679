-- How many matches have ratings.
SELECT count(*) FROM matches WHERE elo_post_player_a IS NOT NULL;
