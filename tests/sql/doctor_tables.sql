-- Somebody has worked on the tables: types that will do (court, score) and that will not, triggers, indexes, an extension, a table.
ALTER TABLE matches ALTER COLUMN court TYPE text;
ALTER TABLE matches ALTER COLUMN score TYPE varchar(200);
ALTER TABLE matches ALTER COLUMN source TYPE varchar(10);
ALTER TABLE players ALTER COLUMN height_cm TYPE bigint;
ALTER TABLE tournaments DROP COLUMN city;
ALTER TABLE matches DISABLE TRIGGER elo_update;
ALTER TABLE matches ENABLE TRIGGER elo_delete;
DROP TRIGGER elo_update ON tournaments;
CREATE INDEX idx_matches_elo_pending ON matches (temporal_order, id) WHERE elo_post_player_a IS NULL OR elo_needs_recompute;
CREATE INDEX own_index ON matches (elo_processed_at);
CREATE INDEX harmless ON matches (court);
ALTER TABLE matches RESET (fillfactor);
DROP EXTENSION IF EXISTS pg_trgm CASCADE;
DROP TABLE waiting_schedules;
