-- What the file corrects in editions. $1: the file's editions.
UPDATE tournament_editions
SET start_date = edition.start_date,
    end_date = edition.end_date,
    surface = edition.surface,
    draw_size = edition.draw_size
FROM jsonb_to_recordset($1) AS edition (
    tournament_code text, tour text, gender text, surface text, year integer, start_date date, end_date date, draw_size integer
)
JOIN tournaments AS tournament
  ON tournament.tournament_code = edition.tournament_code
 AND tournament.tour = edition.tour
 AND tournament.gender = edition.gender
WHERE tournament_editions.tournament_id = tournament.id
  AND tournament_editions.year = edition.year
  AND (tournament_editions.start_date, tournament_editions.end_date, tournament_editions.surface, tournament_editions.draw_size)
      IS DISTINCT FROM (edition.start_date, edition.end_date, edition.surface, edition.draw_size);
