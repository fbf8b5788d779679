-- A role of the whole server that may write matches and knows nothing of the ratings.
DO $writer$
BEGIN
    CREATE ROLE inputs_writer;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another test made it
END
$writer$;
GRANT SELECT, INSERT, UPDATE, DELETE ON matches, tournaments, tournament_editions TO inputs_writer;
