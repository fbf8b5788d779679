-- The ledger of applied migrations. Made in the transaction of the first migration, so that a database that is
-- refused stays as it was.
CREATE TABLE IF NOT EXISTS teelo_migrations (
    version integer,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp without time zone NOT NULL,
    CONSTRAINT teelo_migrations_pkey PRIMARY KEY (version)
);
COMMENT ON TABLE teelo_migrations IS 'What teelo migrate has applied to this database.';
COMMENT ON COLUMN teelo_migrations.version IS 'The number in front of the file''s name, without gaps from 1 on.';
COMMENT ON COLUMN teelo_migrations.name IS 'The file''s name, without its ending.';
COMMENT ON COLUMN teelo_migrations.checksum IS 'SHA-256 of the file as it was applied, in hexadecimal.';
COMMENT ON COLUMN teelo_migrations.applied_at IS 'When it was applied, UTC.';
COMMENT ON CONSTRAINT teelo_migrations_pkey ON teelo_migrations IS 'Each migration is applied once.';
