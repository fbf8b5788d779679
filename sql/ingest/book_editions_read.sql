-- Editions of a document as their matches depend on them. $1: editions.
SELECT edition.id, edition.year, edition.start_date, edition.end_date, tournament.tournament_code, tournament.level
FROM tournament_editions AS edition
JOIN tournaments AS tournament ON tournament.id = edition.tournament_id
WHERE edition.id = ANY ($1);
