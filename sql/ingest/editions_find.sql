-- The ids of a document's editions, in its order. $1: the events with their tournament_id.
SELECT known.id
FROM jsonb_to_recordset($1) AS event (number integer, tournament_id integer, year integer)
JOIN tournament_editions AS known ON known.tournament_id = event.tournament_id AND known.year = event.year
ORDER BY event.number;
