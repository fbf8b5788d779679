-- Those of these matches that are pending, in the order of their positions. $1: matches.
SELECT matches.id
FROM matches
WHERE matches.id = ANY ($1)
  AND EXISTS (
      SELECT
      FROM elo_pending AS pending
      WHERE (pending.temporal_order, pending.match_id) = (matches.temporal_order, matches.id)
  )
ORDER BY matches.temporal_order, matches.id;
