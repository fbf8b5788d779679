-- needs: sql/ingest/staged_matches_create.sql
-- Whether staged matches that are there already, from another file, have the same result there. A match without a score agrees
-- with any. $1: numbers.
SELECT staged.number,
       known.winner_id = staged.winner_id
           AND (known.score IS NOT DISTINCT FROM staged.score OR known.score_structured = staged.score_structured
                OR known.score_structured IS NULL OR staged.score_structured IS NULL) AS same_result
FROM staged_matches AS staged
JOIN matches AS known ON known.external_id = staged.external_id
WHERE staged.number = ANY ($1)
ORDER BY staged.number;
