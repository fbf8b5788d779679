-- A role that may look at everything and change nothing, and is told nothing of other roles' sessions.
DO $$
BEGIN
    CREATE ROLE status_reader LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO status_reader;
