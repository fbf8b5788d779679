-- Removes what teelo itself noted in update_log before a time; what others noted there is theirs. $1: the time, UTC.
DELETE FROM update_log
WHERE update_type IN ('player_merge')
  AND created_at < $1;
