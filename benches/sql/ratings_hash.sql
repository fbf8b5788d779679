-- A number that stands for every rating and state, whatever ids the matches have.
SELECT concat_ws(
    ' ',
    (SELECT md5(string_agg(
                concat_ws(' ', external_id, elo_pre_player_a, elo_pre_player_b, elo_post_player_a, elo_post_player_b), ','
                ORDER BY external_id))
     FROM matches),
    (SELECT md5(string_agg(
                concat_ws(' ', player_id, rating, match_count, last_match_date, last_temporal_order, career_peak), ','
                ORDER BY player_id))
     FROM player_elo_states)
);
