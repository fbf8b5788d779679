-- The extension by whose measure names are alike.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
