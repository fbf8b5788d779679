-- Editions that are not there yet, in the file's order. $1: the file's editions; $2: now, UTC.
INSERT INTO tournament_editions (tournament_id, year, start_date, end_date, surface, draw_size, created_at)
SELECT tournament.id, edition.year, edition.start_date, edition.end_date, edition.surface, edition.draw_size, $2
FROM jsonb_to_recordset($1) AS edition (
    number integer, tournament_code text, tour text, gender text, surface text, year integer, start_date date,
    end_date date, draw_size integer
)
JOIN tournaments AS tournament
  ON tournament.tournament_code = edition.tournament_code
 AND tournament.tour = edition.tour
 AND tournament.gender = edition.gender
WHERE NOT EXISTS (
    SELECT
    FROM tournament_editions AS known
    WHERE known.tournament_id = tournament.id AND known.year = edition.year
)
ORDER BY edition.number
ON CONFLICT (tournament_id, year) DO NOTHING;
