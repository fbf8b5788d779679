-- What sessions of this database begin with, from now on.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET timezone TO ''Europe/Berlin''', current_database());
    EXECUTE format('ALTER DATABASE %I SET statement_timeout TO ''8s''', current_database());
END
$$;
