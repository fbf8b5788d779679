-- The tournaments and editions of a document's events, in its order; makes those that are not there, and completes what is not known of
-- the others: name, level and tour stay, they are of all years. An event of which another program made something at this moment is
-- missing; the next time it is there. $1: the events; $2: now, UTC.
WITH told AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset($1) AS event (
        number integer, code text, name text, tour text, level text, gender text, city text, country text, country_ioc text,
        surface text, year integer, start_date date, end_date date
    )
),
-- Tournaments that are there, however Teelo writes their tour: an exact one first.
found AS MATERIALIZED (
    SELECT DISTINCT ON (told.number) told.number, known.id, known.level
    FROM told
    JOIN tournaments AS known
      ON known.tournament_code = told.code
     AND (upper(replace(known.tour, ' ', '_')) = told.tour OR (upper(known.tour) = 'ITF' AND told.tour IN ('ITF_MEN', 'ITF_WOMEN')))
     AND (known.gender IS NULL
          OR known.gender ILIKE left(told.gender, 1) || '%'
          OR (told.gender = 'women' AND known.gender ILIKE 'f%'))
    ORDER BY told.number, known.tour = told.tour DESC, known.gender IS NOT DISTINCT FROM told.gender DESC, known.id
),
-- Several years of one tournament are one row; the latest tells about it.
completed AS (
    UPDATE tournaments
    SET city = coalesce(tournaments.city, latest.city),
        country = coalesce(tournaments.country, latest.country),
        country_ioc = coalesce(tournaments.country_ioc, latest.country_ioc),
        surface = coalesce(tournaments.surface, latest.surface),
        gender = coalesce(tournaments.gender, latest.gender),
        updated_at = $2
    FROM (
        SELECT DISTINCT ON (found.id) found.id AS tournament_id, told.*
        FROM found
        JOIN told USING (number)
        ORDER BY found.id, told.year DESC, told.number
    ) AS latest
    WHERE tournaments.id = latest.tournament_id
      AND ((tournaments.city IS NULL AND latest.city IS NOT NULL)
           OR (tournaments.country IS NULL AND latest.country IS NOT NULL)
           OR (tournaments.country_ioc IS NULL AND latest.country_ioc IS NOT NULL)
           OR tournaments.surface IS NULL
           OR tournaments.gender IS NULL)
),
made AS (
    INSERT INTO tournaments (
        tournament_code, name, tour, level, gender, city, country, country_ioc, surface, created_at, updated_at
    )
    SELECT code, name, tour, level, gender, city, country, country_ioc, surface, $2, $2
    FROM (
        SELECT DISTINCT ON (code, tour, gender) *
        FROM told
        WHERE NOT EXISTS (SELECT FROM found WHERE found.number = told.number)
        ORDER BY code, tour, gender, year DESC, number
    ) AS latest
    ORDER BY number
    ON CONFLICT (tournament_code, tour, gender) DO NOTHING
    RETURNING id, tournament_code, tour, gender, level
),
-- Every event with its tournament.
held AS MATERIALIZED (
    SELECT told.number, told.year, told.start_date, told.end_date, told.surface, found.id AS tournament_id, found.level
    FROM told
    JOIN found USING (number)
    UNION ALL
    SELECT told.number, told.year, told.start_date, told.end_date, told.surface, made.id, made.level
    FROM told
    JOIN made ON made.tournament_code = told.code AND made.tour = told.tour AND made.gender = told.gender
    WHERE NOT EXISTS (SELECT FROM found WHERE found.number = told.number)
),
editions_made AS (
    INSERT INTO tournament_editions (tournament_id, year, start_date, end_date, surface, created_at)
    SELECT tournament_id, year, start_date, end_date, surface, $2
    FROM held
    WHERE NOT EXISTS (
        SELECT
        FROM tournament_editions AS known
        WHERE known.tournament_id = held.tournament_id AND known.year = held.year
    )
    ORDER BY number
    ON CONFLICT (tournament_id, year) DO NOTHING
    RETURNING id, tournament_id, year
)
SELECT held.level,
       coalesce(known.id, editions_made.id) AS edition_id,
       (SELECT count(*) FROM made) AS tournaments_made,
       (SELECT count(*) FROM editions_made) AS editions_made
FROM held
LEFT JOIN tournament_editions AS known ON known.tournament_id = held.tournament_id AND known.year = held.year
LEFT JOIN editions_made ON editions_made.tournament_id = held.tournament_id AND editions_made.year = held.year
WHERE known.id IS NOT NULL OR editions_made.id IS NOT NULL
ORDER BY held.number;
