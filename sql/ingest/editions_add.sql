-- Editions of a document that are not there yet, in its order. $1: the events with their tournament_id; $2: now, UTC.
INSERT INTO tournament_editions (tournament_id, year, start_date, end_date, surface, created_at)
SELECT event.tournament_id, event.year, event.start_date, event.end_date, event.surface, $2
FROM jsonb_to_recordset($1) AS event (
    number integer, tournament_id integer, year integer, start_date date, end_date date, surface text
)
WHERE NOT EXISTS (
    SELECT
    FROM tournament_editions AS known
    WHERE known.tournament_id = event.tournament_id AND known.year = event.year
)
ORDER BY event.number
ON CONFLICT (tournament_id, year) DO NOTHING;
