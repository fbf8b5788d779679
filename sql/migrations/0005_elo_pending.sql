-- What is pending for the ratings is recorded by the database itself, whoever writes: each change that can make a stored
-- rating wrong appends a row to elo_pending. The ELO stage reads it, re-rates from the earliest position on, and deletes
-- exactly the rows that it saw. A change never relies on a row that is there already: the ELO stage may be
-- deleting that row after having read the match's old content.

CREATE TABLE elo_pending (
    id bigint GENERATED ALWAYS AS IDENTITY,
    temporal_order bigint,
    match_id integer NOT NULL,
    player_a_id integer,
    player_b_id integer,
    reason varchar(20) NOT NULL,
    CONSTRAINT elo_pending_pkey PRIMARY KEY (id),
    CONSTRAINT elo_pending_players_check CHECK ((player_a_id IS NULL) = (player_b_id IS NULL))
);

CREATE INDEX idx_elo_pending_position ON elo_pending (temporal_order, match_id);

COMMENT ON TABLE elo_pending IS
    'Positions (temporal_order, match_id) at which the stored ratings may no longer hold. Filled by triggers, emptied by teelo elo.';
COMMENT ON COLUMN elo_pending.id IS 'Names the row; carries no order.';
COMMENT ON COLUMN elo_pending.temporal_order IS
    'With match_id the position; null when the match is not rated now: its columns are cleared or get pre-match ratings.';
COMMENT ON COLUMN elo_pending.match_id IS 'The match that changed; it may be gone.';
COMMENT ON COLUMN elo_pending.player_a_id IS
    'With player_b_id the players whose ratings may change from the position on; null: every match from the position on is rated again.';
COMMENT ON COLUMN elo_pending.player_b_id IS 'See player_a_id.';
COMMENT ON COLUMN elo_pending.reason IS 'What happened: insert, update, delete, truncate, tournament, edition, resume, parameters, rebuild, adopt.';
COMMENT ON CONSTRAINT elo_pending_pkey ON elo_pending IS 'The ELO stage deletes the rows it saw by id.';
COMMENT ON CONSTRAINT elo_pending_players_check ON elo_pending IS 'A row names both players or stands for all of them.';
COMMENT ON INDEX idx_elo_pending_position IS 'Finds the earliest pending position and what is pending in a range of positions.';

-- Whether a match with this content is rated. The one place that says so in SQL.
CREATE FUNCTION elo_is_ratable(
    status text, winner_id integer, temporal_order bigint, tournament_edition_id integer, player_a_id integer, player_b_id integer
) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT status IN ('completed', 'retired', 'walkover', 'default')
        AND winner_id IS NOT NULL
        AND temporal_order IS NOT NULL
        AND tournament_edition_id IS NOT NULL
        AND player_a_id <> player_b_id
        AND (winner_id = player_a_id OR winner_id = player_b_id)
$$;
COMMENT ON FUNCTION elo_is_ratable(text, integer, bigint, integer, integer, integer) IS
    'Whether a match with this content is rated by teelo elo.';

-- The date that the rating of a match uses: its own, else the one inside its temporal_order, unless that is impossible or
-- in the year 9999, which stands for "unknown".
CREATE FUNCTION elo_match_date(match_date date, temporal_order bigint) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN match_date IS NOT NULL AND isfinite(match_date) THEN match_date
        WHEN temporal_order / 100000000000 BETWEEN 1 AND 9998 AND temporal_order / 1000000000 % 100 BETWEEN 1 AND 12 THEN
            CASE WHEN temporal_order / 10000000 % 100 BETWEEN 1 AND extract(day FROM
                make_date((temporal_order / 100000000000)::integer, (temporal_order / 1000000000 % 100)::integer, 1)
                + interval '1 month' - interval '1 day')
            THEN make_date((temporal_order / 100000000000)::integer, (temporal_order / 1000000000 % 100)::integer,
                (temporal_order / 10000000 % 100)::integer)
            END
    END
$$;
COMMENT ON FUNCTION elo_match_date(date, bigint) IS 'The date that the rating of a match uses; null when none is known.';

CREATE FUNCTION elo_note_inserted_matches() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO elo_pending (temporal_order, match_id, player_a_id, player_b_id, reason)
    SELECT CASE WHEN elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
                THEN temporal_order END,
           id, player_a_id, player_b_id, 'insert'
    FROM inserted
    WHERE status <> 'cancelled';
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION elo_note_inserted_matches() IS 'Notes new matches in elo_pending.';

CREATE FUNCTION elo_note_deleted_matches() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO elo_pending (temporal_order, match_id, player_a_id, player_b_id, reason)
    SELECT temporal_order, id, player_a_id, player_b_id, 'delete'
    FROM deleted
    WHERE elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION elo_note_deleted_matches() IS 'Notes the positions of deleted rated matches in elo_pending.';

-- The old position, when the match was rated there and is no longer or with other players; and the new one, always.
CREATE FUNCTION elo_note_updated_match() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    was_ratable boolean := elo_is_ratable(
        OLD.status, OLD.winner_id, OLD.temporal_order, OLD.tournament_edition_id, OLD.player_a_id, OLD.player_b_id);
    is_ratable boolean := elo_is_ratable(
        NEW.status, NEW.winner_id, NEW.temporal_order, NEW.tournament_edition_id, NEW.player_a_id, NEW.player_b_id);
BEGIN
    IF was_ratable AND NOT (is_ratable
        AND (OLD.temporal_order, OLD.id, OLD.player_a_id, OLD.player_b_id)
          = (NEW.temporal_order, NEW.id, NEW.player_a_id, NEW.player_b_id))
    THEN
        INSERT INTO elo_pending (temporal_order, match_id, player_a_id, player_b_id, reason)
        VALUES (OLD.temporal_order, OLD.id, OLD.player_a_id, OLD.player_b_id, 'update');
    END IF;
    INSERT INTO elo_pending (temporal_order, match_id, player_a_id, player_b_id, reason)
    VALUES (CASE WHEN is_ratable THEN NEW.temporal_order END, NEW.id, NEW.player_a_id, NEW.player_b_id, 'update');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION elo_note_updated_match() IS 'Notes in elo_pending the old and the new position of a match of which an input to the ratings changed.';

CREATE FUNCTION elo_note_truncated_matches() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO elo_pending (temporal_order, match_id, reason) VALUES (-9223372036854775808, 0, 'truncate');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION elo_note_truncated_matches() IS 'Notes in elo_pending that every rating is void.';

-- A tournament's level and tour choose the K and S of its matches.
CREATE FUNCTION elo_note_changed_tournament() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO elo_pending (temporal_order, match_id, player_a_id, player_b_id, reason)
    SELECT CASE WHEN elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
                THEN temporal_order END,
           matches.id, player_a_id, player_b_id, 'tournament'
    FROM tournament_editions AS editions
    JOIN matches ON matches.tournament_edition_id = editions.id
    WHERE editions.tournament_id = NEW.id AND matches.status <> 'cancelled';
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION elo_note_changed_tournament() IS 'Notes in elo_pending the matches of a tournament of which level or tour changed.';

CREATE FUNCTION elo_note_changed_edition() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO elo_pending (temporal_order, match_id, player_a_id, player_b_id, reason)
    SELECT CASE WHEN elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id)
                THEN temporal_order END,
           id, player_a_id, player_b_id, 'edition'
    FROM matches
    WHERE tournament_edition_id = NEW.id AND status <> 'cancelled';
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION elo_note_changed_edition() IS 'Notes in elo_pending the matches of an edition that moved to another tournament.';

-- The functions run with their owner's rights, so that a writer without any on elo_pending is noticed too. Their search path
-- is fixed, temporary tables last, so that nobody can put another elo_pending in front.
DO $search_path$
DECLARE
    function_name text;
BEGIN
    FOREACH function_name IN ARRAY ARRAY['elo_note_inserted_matches', 'elo_note_deleted_matches', 'elo_note_updated_match',
        'elo_note_truncated_matches', 'elo_note_changed_tournament', 'elo_note_changed_edition']
    LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = pg_catalog, %I, pg_temp', function_name, current_schema());
    END LOOP;
END
$search_path$;

CREATE TRIGGER elo_insert AFTER INSERT ON matches
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION elo_note_inserted_matches();
CREATE TRIGGER elo_delete AFTER DELETE ON matches
    REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION elo_note_deleted_matches();
-- The columns are the inputs of the fold; the ELO stage's own update names none of them but the last, and only lowers it.
CREATE TRIGGER elo_update AFTER UPDATE OF
        id, status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id, match_date, score_structured,
        elo_needs_recompute
    ON matches FOR EACH ROW
    WHEN (
        (OLD.id, OLD.status, OLD.winner_id, OLD.temporal_order, OLD.tournament_edition_id, OLD.player_a_id, OLD.player_b_id,
         OLD.match_date, OLD.score_structured)
        IS DISTINCT FROM
        (NEW.id, NEW.status, NEW.winner_id, NEW.temporal_order, NEW.tournament_edition_id, NEW.player_a_id, NEW.player_b_id,
         NEW.match_date, NEW.score_structured)
        OR (NEW.elo_needs_recompute AND NOT OLD.elo_needs_recompute)
    )
    EXECUTE FUNCTION elo_note_updated_match();
CREATE TRIGGER elo_truncate AFTER TRUNCATE ON matches
    FOR EACH STATEMENT EXECUTE FUNCTION elo_note_truncated_matches();
CREATE TRIGGER elo_update AFTER UPDATE OF level, tour ON tournaments FOR EACH ROW
    WHEN ((OLD.level, OLD.tour) IS DISTINCT FROM (NEW.level, NEW.tour)) EXECUTE FUNCTION elo_note_changed_tournament();
CREATE TRIGGER elo_update AFTER UPDATE OF tournament_id ON tournament_editions FOR EACH ROW
    WHEN (OLD.tournament_id IS DISTINCT FROM NEW.tournament_id) EXECUTE FUNCTION elo_note_changed_edition();

-- Also for writers that replay a replication stream: what they change is as real.
ALTER TABLE matches ENABLE ALWAYS TRIGGER elo_insert;
ALTER TABLE matches ENABLE ALWAYS TRIGGER elo_delete;
ALTER TABLE matches ENABLE ALWAYS TRIGGER elo_update;
ALTER TABLE matches ENABLE ALWAYS TRIGGER elo_truncate;
ALTER TABLE tournaments ENABLE ALWAYS TRIGGER elo_update;
ALTER TABLE tournament_editions ENABLE ALWAYS TRIGGER elo_update;

COMMENT ON TRIGGER elo_insert ON matches IS 'Notes what is pending for the ratings (teelo).';
COMMENT ON TRIGGER elo_delete ON matches IS 'Notes what is pending for the ratings (teelo).';
COMMENT ON TRIGGER elo_update ON matches IS 'Notes what is pending for the ratings (teelo).';
COMMENT ON TRIGGER elo_truncate ON matches IS 'Notes what is pending for the ratings (teelo).';
COMMENT ON TRIGGER elo_update ON tournaments IS 'Notes what is pending for the ratings (teelo).';
COMMENT ON TRIGGER elo_update ON tournament_editions IS 'Notes what is pending for the ratings (teelo).';

-- What is pending in an adopted database: rated matches without a rating or with the legacy mark, ratings on matches that are
-- not rated, and unplayed matches without pre-match ratings.
INSERT INTO elo_pending (temporal_order, match_id, player_a_id, player_b_id, reason)
SELECT CASE WHEN ratable THEN temporal_order END, id, player_a_id, player_b_id, 'adopt'
FROM (
    SELECT *, coalesce(elo_is_ratable(status, winner_id, temporal_order, tournament_edition_id, player_a_id, player_b_id), false)
        AS ratable
    FROM matches
) AS every_match
WHERE CASE
    WHEN ratable THEN elo_post_player_a IS NULL OR elo_post_player_b IS NULL OR elo_needs_recompute
    ELSE elo_post_player_a IS NOT NULL OR elo_post_player_b IS NOT NULL
        OR (status IN ('upcoming', 'scheduled', 'in_progress') AND (elo_pre_player_a IS NULL OR elo_pre_player_b IS NULL))
        OR (status IN ('completed', 'retired', 'walkover', 'default'))
END;
