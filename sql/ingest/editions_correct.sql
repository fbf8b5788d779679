-- What a document corrects in its editions; what it does not tell stays. Returns the editions of which a date changed. $1: editions;
-- $2: first days; $3: last days; $4: surfaces.
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
RETURNING edition.id,
          (edition.start_date, edition.end_date) IS DISTINCT FROM (before.start_date, before.end_date) AS is_moved;
