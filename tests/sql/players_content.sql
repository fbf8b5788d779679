-- What the players stage has made of the database, without its times.
SELECT concat_ws('|', 'player', id, canonical_name, nationality_ioc, birth_date, hand, height_cm, backhand, turned_pro_year)
FROM players
UNION ALL
SELECT concat_ws('|', 'value', player_id, field, value, provider, origin) FROM player_enrichment_values
UNION ALL
SELECT concat_ws('|', 'try', player_id, provider, tries, outcome, detail, rejected) FROM player_enrichment_tries
UNION ALL
SELECT concat_ws('|', 'checkpoint', key, value_json -> 'cursor' ->> 'last_player_id') FROM pipeline_checkpoints
ORDER BY 1;
