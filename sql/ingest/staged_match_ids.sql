-- needs: sql/ingest/staged_matches_create.sql
-- The matches of the file that are in the database now.
SELECT matches.id
FROM staged_matches AS staged
JOIN matches ON matches.external_id = staged.external_id;
