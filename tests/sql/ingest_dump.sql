-- Everything that the ingest may write, with the rows' physical versions, and every sequence's state.
SELECT concat_ws('|', xmin, ctid, matches::text) FROM matches
UNION ALL
SELECT concat_ws('|', xmin, ctid, players::text) FROM players
UNION ALL
SELECT concat_ws('|', xmin, ctid, player_aliases::text) FROM player_aliases
UNION ALL
SELECT concat_ws('|', xmin, ctid, player_external_ids::text) FROM player_external_ids
UNION ALL
SELECT concat_ws('|', xmin, ctid, tournaments::text) FROM tournaments
UNION ALL
SELECT concat_ws('|', xmin, ctid, tournament_editions::text) FROM tournament_editions
UNION ALL
SELECT concat_ws('|', xmin, ctid, scrape_queue::text) FROM scrape_queue
UNION ALL
SELECT concat_ws('|', xmin, ctid, feed_files::text) FROM feed_files
UNION ALL
SELECT concat_ws('|', xmin, ctid, elo_pending::text) FROM elo_pending
UNION ALL
SELECT concat_ws('|', xmin, ctid, player_genders::text) FROM player_genders
UNION ALL
SELECT concat_ws('|', xmin, ctid, player_review_queue::text) FROM player_review_queue
UNION ALL
SELECT concat_ws('|', xmin, ctid, draw_places::text) FROM draw_places
UNION ALL
SELECT concat_ws('|', xmin, ctid, waiting_schedules::text) FROM waiting_schedules
UNION ALL
SELECT concat_ws('|', xmin, ctid, feed_file_reviews::text) FROM feed_file_reviews
UNION ALL
SELECT concat_ws('|', sequencename, last_value) FROM pg_sequences
ORDER BY 1;
