-- The ratings that changed since the snapshot, in order.
COPY (
    SELECT id, now.elo_pre_player_a, now.elo_pre_player_b, now.elo_post_player_a, now.elo_post_player_b
    FROM matches AS now
    JOIN ratings_before AS before USING (id)
    WHERE (now.elo_pre_player_a, now.elo_pre_player_b, now.elo_post_player_a, now.elo_post_player_b)
        IS DISTINCT FROM
        (before.elo_pre_player_a, before.elo_pre_player_b, before.elo_post_player_a, before.elo_post_player_b)
    ORDER BY temporal_order, id
) TO STDOUT
