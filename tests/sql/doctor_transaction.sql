-- A transaction that somebody has forgotten.
BEGIN;
SELECT count(*) FROM matches;
