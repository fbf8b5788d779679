-- Counts the rows that anybody writes to matches and player_elo_states, whatever the statement.
CREATE TABLE rows_written (table_name text NOT NULL, written bigint NOT NULL);
CREATE FUNCTION note_rows_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rows_written SELECT TG_TABLE_NAME, count(*) FROM changed;
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_insert AFTER INSERT ON matches
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_rows_written();
CREATE TRIGGER audit_update AFTER UPDATE ON matches
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_rows_written();
CREATE TRIGGER audit_delete AFTER DELETE ON matches
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_rows_written();
CREATE TRIGGER audit_insert AFTER INSERT ON player_elo_states
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_rows_written();
CREATE TRIGGER audit_update AFTER UPDATE ON player_elo_states
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_rows_written();
CREATE TRIGGER audit_delete AFTER DELETE ON player_elo_states
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_rows_written();
CREATE TABLE matches_before AS
    SELECT id, elo_pre_player_a, elo_pre_player_b, elo_post_player_a, elo_post_player_b, elo_params_version, elo_needs_recompute
    FROM matches WITH NO DATA;
CREATE TABLE states_before AS
    SELECT player_id, rating, match_count, last_match_date, last_temporal_order, career_peak
    FROM player_elo_states WITH NO DATA;
