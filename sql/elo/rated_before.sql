-- Whether any ratable match lies before a position. $1, $2: the position.
SELECT EXISTS (
    SELECT FROM matches
    WHERE (temporal_order, id) < ($1, $2)
      AND elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
);
