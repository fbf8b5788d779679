-- Room on each page of matches for the updates that every match receives, its ratings first of all: an update that finds
-- room on its own page is heap-only and touches no index. Existing pages stay as they are; no row is rewritten.
ALTER TABLE matches SET (fillfactor = 50);
