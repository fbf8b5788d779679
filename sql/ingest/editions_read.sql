-- The ids of the file's editions, in its order. $1: the file's editions.
SELECT known.id
FROM jsonb_to_recordset($1) AS edition (number integer, tournament_code text, tour text, gender text, year integer)
JOIN tournaments AS tournament
  ON tournament.tournament_code = edition.tournament_code
 AND tournament.tour = edition.tour
 AND tournament.gender = edition.gender
JOIN tournament_editions AS known ON known.tournament_id = tournament.id AND known.year = edition.year
ORDER BY edition.number;
