-- What is not known of tournaments and the document tells. Name, level and tour stay: they are of all years. $1: the events with their
-- tournament_id; $2: now, UTC.
UPDATE tournaments
SET city = coalesce(tournaments.city, told.city),
    country = coalesce(tournaments.country, told.country),
    country_ioc = coalesce(tournaments.country_ioc, told.country_ioc),
    surface = coalesce(tournaments.surface, told.surface),
    gender = coalesce(tournaments.gender, told.gender),
    updated_at = $2
FROM (
    SELECT DISTINCT ON (tournament_id) *
    FROM jsonb_to_recordset($1) AS event (
        tournament_id integer, year integer, city text, country text, country_ioc text, surface text, gender text
    )
    ORDER BY tournament_id, year DESC
) AS told
WHERE tournaments.id = told.tournament_id
  AND ((tournaments.city IS NULL AND told.city IS NOT NULL)
       OR (tournaments.country IS NULL AND told.country IS NOT NULL)
       OR (tournaments.country_ioc IS NULL AND told.country_ioc IS NOT NULL)
       OR tournaments.surface IS NULL
       OR tournaments.gender IS NULL);
