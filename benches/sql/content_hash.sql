-- One value for every rating, state and pending row.
SELECT concat_ws(' ',
    (SELECT sum(hashtextextended(concat_ws('|', id, elo_pre_player_a, elo_pre_player_b, elo_post_player_a, elo_post_player_b,
                                           elo_params_version, elo_needs_recompute), 0)) FROM matches),
    (SELECT sum(hashtextextended(concat_ws('|', player_id, rating, match_count, last_match_date, last_temporal_order,
                                           career_peak), 0)) FROM player_elo_states),
    (SELECT count(*) FROM elo_pending));
