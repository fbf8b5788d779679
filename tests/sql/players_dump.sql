-- Everything that the players stage may write, with the rows' physical versions.
SELECT concat_ws('|', xmin, ctid, players::text) FROM players
UNION ALL
SELECT concat_ws('|', xmin, ctid, player_enrichment_values::text) FROM player_enrichment_values
UNION ALL
SELECT concat_ws('|', xmin, ctid, player_enrichment_tries::text) FROM player_enrichment_tries
UNION ALL
SELECT concat_ws('|', xmin, ctid, pipeline_checkpoints::text) FROM pipeline_checkpoints
ORDER BY 1;
