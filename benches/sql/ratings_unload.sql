-- Every rating, in the order in which it is made.
COPY (
    SELECT id, elo_pre_player_a, elo_pre_player_b, elo_post_player_a, elo_post_player_b
    FROM matches
    WHERE elo_post_player_a IS NOT NULL
    ORDER BY temporal_order, id
) TO STDOUT
