-- There is room again.
DROP TRIGGER disk_full ON matches;
DROP FUNCTION disk_full();
