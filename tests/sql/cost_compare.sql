-- Since the snapshot: how many rows of matches were written and how many differ in their ratings, and the same of the states.
SELECT (SELECT coalesce(sum(written), 0)::bigint FROM rows_written WHERE table_name = 'matches') AS matches_written,
       (SELECT count(*)
        FROM (SELECT id, elo_pre_player_a, elo_pre_player_b, elo_post_player_a, elo_post_player_b, elo_params_version,
                     elo_needs_recompute
              FROM matches
              EXCEPT TABLE matches_before) AS different) AS matches_different,
       (SELECT coalesce(sum(written), 0)::bigint FROM rows_written WHERE table_name = 'player_elo_states') AS states_written,
       (SELECT count(DISTINCT player_id)
        FROM ((SELECT player_id, rating, match_count, last_match_date, last_temporal_order, career_peak FROM player_elo_states
               EXCEPT TABLE states_before)
              UNION ALL
              (TABLE states_before
               EXCEPT SELECT player_id, rating, match_count, last_match_date, last_temporal_order, career_peak
               FROM player_elo_states)) AS different) AS states_different;
