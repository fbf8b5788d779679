-- The ids of the archive that somebody has.
SELECT gender, external_id FROM player_external_ids WHERE source = 'sackmann';
