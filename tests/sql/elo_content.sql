-- Everything that the ELO stage writes, as text, without clocks and without ids that only count.
SELECT concat_ws('|', 'match', id, elo_pre_player_a, elo_pre_player_b, elo_post_player_a, elo_post_player_b, elo_params_version,
                 elo_needs_recompute)
FROM matches
UNION ALL
SELECT concat_ws('|', 'state', player_id, rating, match_count, last_match_date, last_temporal_order, career_peak)
FROM player_elo_states
UNION ALL
SELECT concat_ws('|', 'checkpoint', key, value_json - 'updated_at') FROM pipeline_checkpoints
UNION ALL
SELECT concat_ws('|', 'pending', temporal_order, match_id, reason) FROM elo_pending
ORDER BY 1;
