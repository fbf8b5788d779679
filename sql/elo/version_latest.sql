-- The parameter version of the newest rated match.
SELECT elo_params_version
FROM matches
WHERE elo_post_player_a IS NOT NULL AND temporal_order IS NOT NULL
ORDER BY temporal_order DESC, id DESC
LIMIT 1;
