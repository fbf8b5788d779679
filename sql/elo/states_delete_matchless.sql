-- Deletes the states of players without any ratable match: done when everything is rated again from the beginning. OFFSET 0 keeps
-- the planner to one look-up of a player's matches by index; joined, every player may be compared with every match.
DELETE FROM player_elo_states AS states
WHERE NOT EXISTS (
        SELECT FROM matches
        WHERE player_a_id = states.player_id
          AND elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
        OFFSET 0)
  AND NOT EXISTS (
        SELECT FROM matches
        WHERE player_b_id = states.player_id
          AND elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
        OFFSET 0);
