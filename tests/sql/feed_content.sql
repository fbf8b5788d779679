-- What feed documents brought in, by names and content, without the rows' ids.
WITH edition AS (
    SELECT edition.id,
           concat_ws(' ', tournament.tournament_code, tournament.tour, tournament.gender, edition.year) AS name,
           edition.start_date,
           edition.end_date,
           edition.surface
    FROM tournament_editions AS edition
    JOIN tournaments AS tournament ON tournament.id = edition.tournament_id
),
-- Two players of one name are told apart by their ids, and by whom they play with.
player AS (
    SELECT player.id,
           concat_ws('/', player.canonical_name, coalesce(player.atp_id, player.wta_id, player.itf_id), known.gender) AS name,
           player.nationality_ioc,
           concat_ws(' ', 'atp ' || player.atp_id, 'wta ' || player.wta_id, 'itf ' || player.itf_id) AS ids
    FROM players AS player
    LEFT JOIN player_genders AS known ON known.player_id = player.id
)
SELECT concat_ws(' | ', 'match', edition.name, match.round, match.draw_position, match.status,
                 concat_ws(' ', a.name, '(' || match.player_a_seed || ')'), concat_ws(' ', b.name, '(' || match.player_b_seed || ')'),
                 'won ' || winner.name, match.score, match.score_structured, 'set ' || match.retirement_set,
                 'on ' || match.match_date, match.match_datetime::time, CASE WHEN match.match_date_estimated THEN 'estimated' END,
                 'due ' || match.scheduled_date, match.scheduled_datetime::time, match.court,
                 'order ' || match.temporal_order / 10000000 || ' ' || match.temporal_order % 100,
                 'number ' || match.match_number, match.duration_minutes || ' minutes', match.stats, match.source, match.external_id)
FROM matches AS match
JOIN edition ON edition.id = match.tournament_edition_id
JOIN player AS a ON a.id = match.player_a_id
JOIN player AS b ON b.id = match.player_b_id
LEFT JOIN player AS winner ON winner.id = match.winner_id
UNION ALL
SELECT concat_ws(' | ', 'player', player.name, player.ids, player.nationality_ioc) FROM player
UNION ALL
SELECT concat_ws(' | ', 'alias', alias.alias, alias.source, player.name)
FROM player_aliases AS alias
JOIN player ON player.id = alias.player_id
UNION ALL
SELECT concat_ws(' | ', 'tournament', tournament.tournament_code, tournament.tour, tournament.gender, tournament.name, tournament.level,
                 tournament.surface, tournament.city, tournament.country, tournament.country_ioc)
FROM tournaments AS tournament
UNION ALL
SELECT concat_ws(' | ', 'edition', edition.name, edition.start_date, edition.end_date, edition.surface) FROM edition
UNION ALL
SELECT concat_ws(' | ', 'place', edition.name, place.round, place.draw_position,
                 'A ' || a.name, 'B ' || b.name, 'seed ' || place.seed, CASE WHEN place.is_bye THEN 'bye' END)
FROM draw_places AS place
JOIN edition ON edition.id = place.tournament_edition_id
LEFT JOIN player AS a ON a.id = place.player_a_id
LEFT JOIN player AS b ON b.id = place.player_b_id
UNION ALL
SELECT concat_ws(' | ', 'waiting', edition.name, waiting.round, least(a.name, b.name), greatest(a.name, b.name),
                 'due ' || waiting.scheduled_date, waiting.scheduled_datetime::time, waiting.court)
FROM waiting_schedules AS waiting
JOIN edition ON edition.id = waiting.tournament_edition_id
JOIN player AS a ON a.id = waiting.player_low_id
JOIN player AS b ON b.id = waiting.player_high_id
UNION ALL
SELECT concat_ws(' | ', 'review', entry.scraped_name, entry.scraped_source, entry.scraped_external_id, entry.match_external_id,
                 entry.tournament_name, entry.status,
                 one.name || ' ' || entry.suggested_player_1_confidence, two.name || ' ' || entry.suggested_player_2_confidence,
                 three.name || ' ' || entry.suggested_player_3_confidence)
FROM player_review_queue AS entry
LEFT JOIN player AS one ON one.id = entry.suggested_player_1_id
LEFT JOIN player AS two ON two.id = entry.suggested_player_2_id
LEFT JOIN player AS three ON three.id = entry.suggested_player_3_id
ORDER BY 1;
