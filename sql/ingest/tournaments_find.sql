-- The tournaments of a document's events that are there, however Teelo writes their tour: an exact one first. $1: the events.
SELECT DISTINCT ON (event.number) event.number, known.id, known.level
FROM jsonb_to_recordset($1) AS event (number integer, code text, tour text, gender text)
JOIN tournaments AS known
  ON known.tournament_code = event.code
 AND (upper(replace(known.tour, ' ', '_')) = event.tour OR (upper(known.tour) = 'ITF' AND event.tour IN ('ITF_MEN', 'ITF_WOMEN')))
 AND (known.gender IS NULL
      OR known.gender ILIKE left(event.gender, 1) || '%'
      OR (event.gender = 'women' AND known.gender ILIKE 'f%'))
ORDER BY event.number, known.tour = event.tour DESC, known.gender IS NOT DISTINCT FROM event.gender DESC, known.id;
