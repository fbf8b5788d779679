-- Links a tour's id to a player who has none of it, or this one. $1: the player; $2: atp, wta or itf; $3: the id; $4: now, UTC.
UPDATE players
SET atp_id = CASE $2 WHEN 'atp' THEN $3 ELSE atp_id END,
    wta_id = CASE $2 WHEN 'wta' THEN $3 ELSE wta_id END,
    itf_id = CASE $2 WHEN 'itf' THEN $3 ELSE itf_id END,
    updated_at = $4
WHERE id = $1 AND coalesce(CASE $2 WHEN 'atp' THEN atp_id WHEN 'wta' THEN wta_id ELSE itf_id END, $3) = $3
RETURNING id;
