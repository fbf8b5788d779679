-- Everything that the ELO stage may write, with the rows' physical versions.
SELECT concat_ws('|', xmin, ctid, matches::text) FROM matches
UNION ALL
SELECT concat_ws('|', xmin, ctid, player_elo_states::text) FROM player_elo_states
UNION ALL
SELECT concat_ws('|', xmin, ctid, pipeline_checkpoints::text) FROM pipeline_checkpoints
UNION ALL
SELECT concat_ws('|', xmin, ctid, elo_pending::text) FROM elo_pending
ORDER BY 1;
