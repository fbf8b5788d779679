-- What the ingest stage needs beside Teelo's tables: who a player of an outside source is, and what was ingested of which
-- file.

CREATE TABLE player_external_ids (
    source varchar(20) NOT NULL,
    gender varchar(10) NOT NULL,
    external_id varchar(50) NOT NULL,
    player_id integer NOT NULL,
    created_at timestamp NOT NULL,
    CONSTRAINT player_external_ids_pkey PRIMARY KEY (source, gender, external_id),
    CONSTRAINT player_external_ids_player_id_fkey FOREIGN KEY (player_id) REFERENCES players (id) ON DELETE CASCADE
);

-- A player without an id of a source may still be linked to one; deleting a player finds their ids.
CREATE INDEX idx_player_external_ids_player ON player_external_ids (player_id, source);

COMMENT ON TABLE player_external_ids IS
    'The players of outside sources that have no column in players: the match archives (source sackmann). Filled by teelo ingest.';
COMMENT ON COLUMN player_external_ids.source IS 'Who numbers the player.';
COMMENT ON COLUMN player_external_ids.gender IS
    'men or women: the archives number them independently, and 2,116 real numbers name a man and a woman.';
COMMENT ON COLUMN player_external_ids.external_id IS 'The number in that source.';
COMMENT ON COLUMN player_external_ids.player_id IS 'The player; when they are deleted, the id is unknown again.';
COMMENT ON COLUMN player_external_ids.created_at IS 'When the id was first seen, UTC.';
COMMENT ON CONSTRAINT player_external_ids_pkey ON player_external_ids IS 'An id of a source names one player.';
COMMENT ON CONSTRAINT player_external_ids_player_id_fkey ON player_external_ids IS 'An id goes with its player.';
COMMENT ON INDEX idx_player_external_ids_player IS 'Tells whether a player has an id of a source already.';

CREATE TABLE feed_files (
    folder text NOT NULL,
    file_name text NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 varchar(64) NOT NULL,
    from_date date,
    until_date date,
    rows_read integer NOT NULL,
    rows_accepted integer NOT NULL,
    rows_rejected integer NOT NULL,
    rows_duplicate integer NOT NULL,
    rows_out_of_range integer NOT NULL,
    ingested_at timestamp NOT NULL,
    CONSTRAINT feed_files_pkey PRIMARY KEY (folder, file_name),
    CONSTRAINT feed_files_rows_check CHECK (rows_accepted + rows_rejected + rows_duplicate + rows_out_of_range = rows_read)
);

COMMENT ON TABLE feed_files IS
    'What was last ingested of each feed file. A file of the same size and content is not read again. Filled by teelo ingest.';
COMMENT ON COLUMN feed_files.folder IS 'The feed folder, as an absolute path.';
COMMENT ON COLUMN feed_files.file_name IS 'The file''s name in it.';
COMMENT ON COLUMN feed_files.size_bytes IS 'Of the content that was ingested.';
COMMENT ON COLUMN feed_files.sha256 IS 'Of the content that was ingested, in hexadecimal.';
COMMENT ON COLUMN feed_files.from_date IS 'Events that start before were left out (--from); null: none.';
COMMENT ON COLUMN feed_files.until_date IS 'Events that start after were left out (--until); null: none.';
COMMENT ON COLUMN feed_files.rows_read IS 'Records in the file.';
COMMENT ON COLUMN feed_files.rows_accepted IS 'Records that are matches now.';
COMMENT ON COLUMN feed_files.rows_rejected IS 'Records that cannot be used; rejects.jsonl lists them.';
COMMENT ON COLUMN feed_files.rows_duplicate IS 'Records that repeat a match of this file, or of another one.';
COMMENT ON COLUMN feed_files.rows_out_of_range IS 'Records outside from_date and until_date.';
COMMENT ON COLUMN feed_files.ingested_at IS 'When, UTC.';
COMMENT ON CONSTRAINT feed_files_pkey ON feed_files IS 'A file is known by its place.';
COMMENT ON CONSTRAINT feed_files_rows_check ON feed_files IS 'Every record is accounted for.';
