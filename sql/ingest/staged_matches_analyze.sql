-- needs: sql/ingest/staged_matches_create.sql
-- Few rows are left of many: the planner must know before they are joined with matches.
ANALYZE staged_matches;
