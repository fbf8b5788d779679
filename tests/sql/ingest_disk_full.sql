-- Every new match meets a full disk.
CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100';
END
$$;
CREATE TRIGGER disk_full BEFORE INSERT ON matches FOR EACH ROW EXECUTE FUNCTION disk_full();
