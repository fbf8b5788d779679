-- Players with the archive's ids.
SELECT concat_ws(' | ', players.canonical_name, known.gender, known.external_id, players.hand, players.height_cm,
                 players.nationality_ioc,
                 (SELECT string_agg(alias || '/' || source, ',' ORDER BY alias) FROM player_aliases WHERE player_id = players.id))
FROM players
LEFT JOIN player_external_ids AS known ON known.player_id = players.id
ORDER BY players.id, known.external_id;
