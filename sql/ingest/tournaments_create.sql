-- Tournaments that are not there yet, in the file's order. $1: the file's editions; $2: now, UTC.
INSERT INTO tournaments (tournament_code, name, tour, level, gender, surface, created_at, updated_at)
SELECT tournament_code, name, tour, level, gender, surface, $2, $2
FROM (
    -- The latest edition names the tournament, the first one gives its place.
    SELECT DISTINCT ON (edition.tournament_code, edition.tour, edition.gender)
           edition.*,
           min(edition.number) OVER (PARTITION BY edition.tournament_code, edition.tour, edition.gender) AS place
    FROM jsonb_to_recordset($1) AS edition (
        number integer, tournament_code text, name text, tour text, level text, gender text, surface text, year integer
    )
    ORDER BY edition.tournament_code, edition.tour, edition.gender, edition.year DESC, edition.number
) AS latest
WHERE NOT EXISTS (
    SELECT
    FROM tournaments AS known
    WHERE known.tournament_code = latest.tournament_code AND known.tour = latest.tour AND known.gender = latest.gender
)
ORDER BY place
ON CONFLICT (tournament_code, tour, gender) DO NOTHING;
