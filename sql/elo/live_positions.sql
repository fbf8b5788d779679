-- The positions of matches that are pending, in order. $1: matches.
SELECT matches.temporal_order, matches.id
FROM matches
WHERE matches.id = ANY ($1)
  AND EXISTS (
      SELECT
      FROM elo_pending AS pending
      WHERE (pending.temporal_order, pending.match_id) = (matches.temporal_order, matches.id)
  )
ORDER BY matches.temporal_order, matches.id;
