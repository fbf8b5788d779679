-- Notes every match whose ratings were written, and stays only if they do: it is the same transaction's.
CREATE TABLE rating_writes (match_id integer NOT NULL);
CREATE FUNCTION note_rating_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rating_writes VALUES (NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER note_rating_write AFTER UPDATE OF elo_post_player_a ON matches
    FOR EACH ROW EXECUTE FUNCTION note_rating_write();
