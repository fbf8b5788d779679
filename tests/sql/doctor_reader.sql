-- A role that may only look, and may not make temporary tables.
DO $$
BEGIN
    CREATE ROLE doctor_reader LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO doctor_reader;
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
