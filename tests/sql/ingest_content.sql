-- Everything that the ingest makes, by natural keys; ids only by their rank, so that two databases with the same content and the
-- same relative order of ids give the same lines.
WITH player AS (
    SELECT id, rank() OVER (ORDER BY id) AS place, concat_ws(' ', canonical_name, hand, height_cm, nationality_ioc) AS shown,
           (SELECT string_agg(concat_ws(':', source, gender, external_id), ',' ORDER BY source, gender, external_id)
            FROM player_external_ids WHERE player_id = players.id) AS ids,
           (SELECT string_agg(concat_ws(':', source, alias), ',' ORDER BY source, alias)
            FROM player_aliases WHERE player_id = players.id) AS aliases
    FROM players
),
edition AS (
    SELECT editions.id, rank() OVER (ORDER BY editions.id) AS place, tournaments.tournament_code, tournaments.gender, year,
           concat_ws(' ', name, tour, level, start_date, end_date, editions.surface, draw_size) AS shown
    FROM tournament_editions AS editions
    JOIN tournaments ON tournaments.id = editions.tournament_id
)
SELECT concat_ws('|', 'player', place, shown, ids, aliases) FROM player
UNION ALL
SELECT concat_ws('|', 'tournament', rank() OVER (ORDER BY id), tournament_code, name, tour, level, gender, surface) FROM tournaments
UNION ALL
SELECT concat_ws('|', 'edition', place, tournament_code, gender, year, shown) FROM edition
UNION ALL
SELECT concat_ws('|', 'match', matches.external_id, matches.source, edition.place, round, match_number, a.ids, b.ids, winner.ids, score,
                 score_structured, matches.match_date, match_date_estimated, duration_minutes, retirement_set, stats, status,
                 player_a_seed, player_b_seed, temporal_order / 10000000, temporal_order % 100,
                 temporal_order / 100 % 100000 = edition.id % 100000)
FROM matches
LEFT JOIN edition ON edition.id = matches.tournament_edition_id
LEFT JOIN player AS a ON a.id = player_a_id
LEFT JOIN player AS b ON b.id = player_b_id
LEFT JOIN player AS winner ON winner.id = winner_id
UNION ALL
SELECT concat_ws('|', 'file', file_name, size_bytes, sha256, from_date, until_date, rows_read, rows_accepted, rows_rejected,
                 rows_duplicate, rows_out_of_range)
FROM feed_files
ORDER BY 1;
