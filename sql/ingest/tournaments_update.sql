-- A tournament is called, and played on, what its latest edition says. $1: the file's editions; $2: now, UTC.
UPDATE tournaments
SET name = latest.name, level = latest.level, surface = latest.surface, updated_at = $2
FROM (
    SELECT DISTINCT ON (edition.tournament_code, edition.tour, edition.gender) edition.*
    FROM jsonb_to_recordset($1) AS edition (
        number integer, tournament_code text, name text, tour text, level text, gender text, surface text, year integer
    )
    ORDER BY edition.tournament_code, edition.tour, edition.gender, edition.year DESC, edition.number
) AS latest
WHERE tournaments.tournament_code = latest.tournament_code
  AND tournaments.tour = latest.tour
  AND tournaments.gender = latest.gender
  AND (tournaments.name, tournaments.level, tournaments.surface) IS DISTINCT FROM (latest.name, latest.level, latest.surface)
  AND NOT EXISTS (
      SELECT
      FROM tournament_editions AS later
      WHERE later.tournament_id = tournaments.id AND later.year > latest.year
  );
