-- Editions of a document as their matches depend on them. First corrects in them what the document tells; the rest stays, and tells of
-- which a date changed. $1: editions; $2: first days; $3: last days; $4: surfaces.
WITH corrected AS (
    UPDATE tournament_editions AS edition
    SET start_date = coalesce(told.start_date, edition.start_date),
        end_date = coalesce(told.end_date, edition.end_date),
        surface = coalesce(told.surface, edition.surface)
    FROM unnest($1::integer[], $2::date[], $3::date[], $4::text[]) AS told (id, start_date, end_date, surface),
         tournament_editions AS before
    WHERE edition.id = told.id
      AND before.id = told.id
      AND (edition.start_date, edition.end_date, edition.surface) IS DISTINCT FROM
          (coalesce(told.start_date, edition.start_date), coalesce(told.end_date, edition.end_date), coalesce(told.surface, edition.surface))
    RETURNING edition.id, edition.start_date, edition.end_date,
              (edition.start_date, edition.end_date) IS DISTINCT FROM (before.start_date, before.end_date) AS is_moved
)
SELECT edition.id,
       edition.year,
       -- A date that is known never becomes unknown.
       coalesce(corrected.start_date, edition.start_date) AS start_date,
       coalesce(corrected.end_date, edition.end_date) AS end_date,
       coalesce(corrected.is_moved, false) AS is_moved,
       tournament.tournament_code,
       tournament.level
FROM tournament_editions AS edition
JOIN tournaments AS tournament ON tournament.id = edition.tournament_id
LEFT JOIN corrected ON corrected.id = edition.id
WHERE edition.id = ANY ($1);
