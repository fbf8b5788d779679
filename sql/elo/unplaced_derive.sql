-- Notes again, from the matches themselves, every match that is not rated now and holds what only a rated one may hold, or
-- is finished and cannot be rated, or is unplayed and lacks its pre-match ratings.
INSERT INTO elo_pending (match_id, player_a_id, player_b_id, reason)
SELECT id, player_a_id, player_b_id, 'no_resume'
FROM matches
WHERE elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id) IS NOT TRUE
  AND (elo_post_player_a IS NOT NULL OR elo_post_player_b IS NOT NULL OR elo_params_version IS NOT NULL
       OR status IN ('completed', 'retired', 'walkover', 'default')
       OR (status IN ('upcoming', 'scheduled', 'in_progress') AND winner_id IS NULL
           AND (elo_pre_player_a IS NULL OR elo_pre_player_b IS NULL)));
