-- The matches that have these ids. $1: external ids.
SELECT id, external_id FROM matches WHERE external_id = ANY ($1);
