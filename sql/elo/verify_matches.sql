-- Every match with everything that is stored of its rating: first the ratable ones, in position order, then the others, which
-- have no temporal order here. One look at the table for both: a second one costs half as much again.
COPY (
    SELECT id,
           CASE
               WHEN elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
               THEN temporal_order
           END AS rated_order,
           match_date,
           player_a_id,
           player_b_id,
           winner_id = player_a_id AS a_won,
           winner_id IS NULL AND status IN ('upcoming', 'scheduled', 'in_progress') AS unplayed,
           score_structured,
           tournament_edition_id,
           elo_pre_player_a,
           elo_pre_player_b,
           elo_post_player_a,
           elo_post_player_b,
           elo_params_version,
           elo_needs_recompute
    FROM matches
    ORDER BY rated_order, id
) TO STDOUT (FORMAT binary);
