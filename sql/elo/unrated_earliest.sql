-- The earliest ratable match without a full rating or with the legacy mark, found in the matches themselves.
SELECT temporal_order, id
FROM matches
WHERE elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
  AND (elo_pre_player_a IS NULL OR elo_pre_player_b IS NULL OR elo_post_player_a IS NULL OR elo_post_player_b IS NULL
       OR elo_needs_recompute)
ORDER BY temporal_order, id
LIMIT 1;
