-- What feed documents need beside Teelo's tables: who plays men's and who women's events, the places of a draw that are no matches
-- yet, orders of play of matches that are not there yet, and which files wait for a person's decision.

CREATE TABLE player_genders (
    player_id integer NOT NULL,
    gender varchar(10) NOT NULL,
    CONSTRAINT player_genders_pkey PRIMARY KEY (player_id),
    CONSTRAINT player_genders_gender_check CHECK (gender IN ('men', 'women')),
    CONSTRAINT player_genders_player_id_fkey FOREIGN KEY (player_id) REFERENCES players (id) ON DELETE CASCADE
);

COMMENT ON TABLE player_genders IS
    'Whose events a player plays, known before the first match: a man and a woman of one name are two people. Filled by teelo ingest.';
COMMENT ON COLUMN player_genders.player_id IS 'The player.';
COMMENT ON COLUMN player_genders.gender IS 'men or women.';
COMMENT ON CONSTRAINT player_genders_pkey ON player_genders IS 'A player plays either men''s or women''s events.';
COMMENT ON CONSTRAINT player_genders_gender_check ON player_genders IS 'The words of tournaments.gender.';
COMMENT ON CONSTRAINT player_genders_player_id_fkey ON player_genders IS 'Goes with its player.';

CREATE TABLE draw_places (
    tournament_edition_id integer NOT NULL,
    round varchar(20) NOT NULL,
    draw_position integer NOT NULL,
    player_a_id integer,
    player_b_id integer,
    seed integer,
    is_bye boolean NOT NULL,
    CONSTRAINT draw_places_pkey PRIMARY KEY (tournament_edition_id, round, draw_position),
    CONSTRAINT draw_places_players_check CHECK (num_nonnulls(player_a_id, player_b_id) = 1),
    CONSTRAINT draw_places_tournament_edition_id_fkey
        FOREIGN KEY (tournament_edition_id) REFERENCES tournament_editions (id) ON DELETE CASCADE,
    CONSTRAINT draw_places_player_a_id_fkey FOREIGN KEY (player_a_id) REFERENCES players (id) ON DELETE CASCADE,
    CONSTRAINT draw_places_player_b_id_fkey FOREIGN KEY (player_b_id) REFERENCES players (id) ON DELETE CASCADE
);

-- Deleting or merging players finds their places.
CREATE INDEX idx_draw_places_player_a ON draw_places (player_a_id);
CREATE INDEX idx_draw_places_player_b ON draw_places (player_b_id);

COMMENT ON TABLE draw_places IS
    'Places of a draw with one player: byes, and players who wait for their opponent. A place with two is a match. Filled by teelo ingest.';
COMMENT ON COLUMN draw_places.tournament_edition_id IS 'The edition.';
COMMENT ON COLUMN draw_places.round IS 'The round''s code.';
COMMENT ON COLUMN draw_places.draw_position IS 'The place in the round, from 1.';
COMMENT ON COLUMN draw_places.player_a_id IS 'The player, when they stand on side A.';
COMMENT ON COLUMN draw_places.player_b_id IS 'The player, when they stand on side B.';
COMMENT ON COLUMN draw_places.seed IS 'The player''s seed.';
COMMENT ON COLUMN draw_places.is_bye IS 'The player goes on without playing.';
COMMENT ON CONSTRAINT draw_places_pkey ON draw_places IS 'A place is there once.';
COMMENT ON CONSTRAINT draw_places_players_check ON draw_places IS 'One player.';
COMMENT ON CONSTRAINT draw_places_tournament_edition_id_fkey ON draw_places IS 'Goes with its edition.';
COMMENT ON CONSTRAINT draw_places_player_a_id_fkey ON draw_places IS 'Goes with its player.';
COMMENT ON CONSTRAINT draw_places_player_b_id_fkey ON draw_places IS 'Goes with its player.';
COMMENT ON INDEX idx_draw_places_player_a IS 'Finds the places of a player.';
COMMENT ON INDEX idx_draw_places_player_b IS 'Finds the places of a player.';

CREATE TABLE waiting_schedules (
    tournament_edition_id integer NOT NULL,
    round varchar(20) NOT NULL,
    player_low_id integer NOT NULL,
    player_high_id integer NOT NULL,
    scheduled_date date NOT NULL,
    scheduled_datetime timestamp,
    court varchar(100),
    CONSTRAINT waiting_schedules_pkey PRIMARY KEY (tournament_edition_id, round, player_low_id, player_high_id),
    CONSTRAINT waiting_schedules_players_check CHECK (player_low_id < player_high_id),
    CONSTRAINT waiting_schedules_tournament_edition_id_fkey
        FOREIGN KEY (tournament_edition_id) REFERENCES tournament_editions (id) ON DELETE CASCADE,
    CONSTRAINT waiting_schedules_player_low_id_fkey FOREIGN KEY (player_low_id) REFERENCES players (id) ON DELETE CASCADE,
    CONSTRAINT waiting_schedules_player_high_id_fkey FOREIGN KEY (player_high_id) REFERENCES players (id) ON DELETE CASCADE
);

-- Deleting or merging players finds what waits for them.
CREATE INDEX idx_waiting_schedules_player_low ON waiting_schedules (player_low_id);
CREATE INDEX idx_waiting_schedules_player_high ON waiting_schedules (player_high_id);

COMMENT ON TABLE waiting_schedules IS
    'Orders of play of matches that are not there yet: applied when the match comes, so that the order of arrival does not show. Filled by teelo ingest.';
COMMENT ON COLUMN waiting_schedules.tournament_edition_id IS 'The edition.';
COMMENT ON COLUMN waiting_schedules.round IS 'The round''s code.';
COMMENT ON COLUMN waiting_schedules.player_low_id IS 'The player with the smaller id.';
COMMENT ON COLUMN waiting_schedules.player_high_id IS 'The other player.';
COMMENT ON COLUMN waiting_schedules.scheduled_date IS 'matches.scheduled_date';
COMMENT ON COLUMN waiting_schedules.scheduled_datetime IS 'matches.scheduled_datetime, UTC';
COMMENT ON COLUMN waiting_schedules.court IS 'matches.court';
COMMENT ON CONSTRAINT waiting_schedules_pkey ON waiting_schedules IS 'One for each match.';
COMMENT ON CONSTRAINT waiting_schedules_players_check ON waiting_schedules IS 'A pair is written in one way only.';
COMMENT ON CONSTRAINT waiting_schedules_tournament_edition_id_fkey ON waiting_schedules IS 'Goes with its edition.';
COMMENT ON CONSTRAINT waiting_schedules_player_low_id_fkey ON waiting_schedules IS 'Goes with its player.';
COMMENT ON CONSTRAINT waiting_schedules_player_high_id_fkey ON waiting_schedules IS 'Goes with its player.';
COMMENT ON INDEX idx_waiting_schedules_player_low IS 'Finds what waits for a player.';
COMMENT ON INDEX idx_waiting_schedules_player_high IS 'Finds what waits for a player.';

CREATE TABLE feed_file_reviews (
    folder text NOT NULL,
    file_name text NOT NULL,
    review_id integer NOT NULL,
    CONSTRAINT feed_file_reviews_pkey PRIMARY KEY (folder, file_name, review_id),
    CONSTRAINT feed_file_reviews_file_fkey
        FOREIGN KEY (folder, file_name) REFERENCES feed_files (folder, file_name) ON DELETE CASCADE
);

COMMENT ON TABLE feed_file_reviews IS
    'Files with records of players of whom nobody can tell who they are: read again when the entry of player_review_queue is decided or gone. Filled by teelo ingest.';
COMMENT ON COLUMN feed_file_reviews.folder IS 'feed_files.folder';
COMMENT ON COLUMN feed_file_reviews.file_name IS 'feed_files.file_name';
COMMENT ON COLUMN feed_file_reviews.review_id IS 'player_review_queue.id';
COMMENT ON CONSTRAINT feed_file_reviews_pkey ON feed_file_reviews IS 'A file waits for an entry once.';
COMMENT ON CONSTRAINT feed_file_reviews_file_fkey ON feed_file_reviews IS 'Goes with the note of its file.';

-- Schedules of matches that are not there yet are a sum of their own.
ALTER TABLE feed_files
    ADD COLUMN rows_waiting integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT feed_files_rows_check,
    ADD CONSTRAINT feed_files_rows_check
        CHECK (rows_accepted + rows_rejected + rows_duplicate + rows_out_of_range + rows_waiting = rows_read);

COMMENT ON COLUMN feed_files.rows_waiting IS 'Records of an order of play whose match is not there yet.';
COMMENT ON CONSTRAINT feed_files_rows_check ON feed_files IS 'Every record is accounted for.';
