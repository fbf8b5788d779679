-- Tournaments of a document that are not there yet, in its order. $1: the events without a tournament; $2: now, UTC.
INSERT INTO tournaments (
    tournament_code, name, tour, level, gender, city, country, country_ioc, surface, created_at, updated_at
)
SELECT code, name, tour, level, gender, city, country, country_ioc, surface, $2, $2
FROM (
    -- Several years of one tournament are one row; the latest names it.
    SELECT DISTINCT ON (code, tour, gender) *
    FROM jsonb_to_recordset($1) AS event (
        number integer, code text, name text, tour text, level text, gender text, city text, country text, country_ioc text,
        surface text, year integer
    )
    ORDER BY code, tour, gender, year DESC, number
) AS latest
ORDER BY number
ON CONFLICT (tournament_code, tour, gender) DO NOTHING;
