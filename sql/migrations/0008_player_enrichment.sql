-- What the enrichment of players remembers: which source gave which value, and whom to try again when.

CREATE TABLE player_enrichment_values (
    player_id integer NOT NULL,
    field varchar(20) NOT NULL,
    value text NOT NULL,
    provider varchar(20) NOT NULL,
    origin text NOT NULL,
    given_at timestamp NOT NULL,
    CONSTRAINT player_enrichment_values_pkey PRIMARY KEY (player_id, field),
    CONSTRAINT player_enrichment_values_player_id_fkey FOREIGN KEY (player_id) REFERENCES players (id) ON DELETE CASCADE
);

COMMENT ON TABLE player_enrichment_values IS
    'Which source filled which column of players, and when; shown by teelo players --explain. Filled by teelo players.';
COMMENT ON COLUMN player_enrichment_values.player_id IS 'The player.';
COMMENT ON COLUMN player_enrichment_values.field IS 'The column of players.';
COMMENT ON COLUMN player_enrichment_values.value IS 'What was written, as text. Somebody may have changed the column since.';
COMMENT ON COLUMN player_enrichment_values.provider IS 'files or command.';
COMMENT ON COLUMN player_enrichment_values.origin IS 'Where in the source it was.';
COMMENT ON COLUMN player_enrichment_values.given_at IS 'When, UTC.';
COMMENT ON CONSTRAINT player_enrichment_values_pkey ON player_enrichment_values IS 'A column was filled by one source.';
COMMENT ON CONSTRAINT player_enrichment_values_player_id_fkey ON player_enrichment_values IS 'Goes with its player.';

CREATE TABLE player_enrichment_tries (
    player_id integer NOT NULL,
    provider varchar(20) NOT NULL,
    tries integer NOT NULL,
    tried_at timestamp NOT NULL,
    next_try_at timestamp NOT NULL,
    outcome varchar(20) NOT NULL,
    detail text NOT NULL,
    rejected jsonb NOT NULL,
    version varchar(64),
    CONSTRAINT player_enrichment_tries_pkey PRIMARY KEY (player_id, provider),
    CONSTRAINT player_enrichment_tries_tries_check CHECK (tries > 0),
    CONSTRAINT player_enrichment_tries_player_id_fkey FOREIGN KEY (player_id) REFERENCES players (id) ON DELETE CASCADE
);

COMMENT ON TABLE player_enrichment_tries IS
    'When a source was last asked about a player, what came of it, and when it is asked again while something is missing. Filled by teelo players.';
COMMENT ON COLUMN player_enrichment_tries.player_id IS 'The player.';
COMMENT ON COLUMN player_enrichment_tries.provider IS 'files or command.';
COMMENT ON COLUMN player_enrichment_tries.tries IS 'How often in a row; of files, since they last changed.';
COMMENT ON COLUMN player_enrichment_tries.tried_at IS 'The last time, UTC.';
COMMENT ON COLUMN player_enrichment_tries.next_try_at IS 'Not before, UTC: 1, 2, 4 days later and so on, at most 90.';
COMMENT ON COLUMN player_enrichment_tries.outcome IS 'found, nothing_new, not_found or failed.';
COMMENT ON COLUMN player_enrichment_tries.detail IS 'The same, in words.';
COMMENT ON COLUMN player_enrichment_tries.rejected IS 'Values that were turned down: a list of field, value and reason.';
COMMENT ON COLUMN player_enrichment_tries.version IS
    'SHA-256 of the files that were looked through, in hexadecimal: when they change, everybody is looked up again. Null for a command.';
COMMENT ON CONSTRAINT player_enrichment_tries_pkey ON player_enrichment_tries IS 'The last try of each source.';
COMMENT ON CONSTRAINT player_enrichment_tries_tries_check ON player_enrichment_tries IS 'A row is a try.';
COMMENT ON CONSTRAINT player_enrichment_tries_player_id_fkey ON player_enrichment_tries IS 'Goes with its player.';
