-- The level and the tour of every tournament edition.
COPY (
    SELECT editions.id,
           tournaments.level,
           tournaments.tour
    FROM tournament_editions AS editions
    JOIN tournaments ON tournaments.id = editions.tournament_id
) TO STDOUT (FORMAT binary);
