-- Links ids of a tour to players who have none of it. $1: atp, wta or itf; $2: players; $3: their ids; $4: now, UTC.
UPDATE players
SET atp_id = CASE $1 WHEN 'atp' THEN link.external_id ELSE atp_id END,
    wta_id = CASE $1 WHEN 'wta' THEN link.external_id ELSE wta_id END,
    itf_id = CASE $1 WHEN 'itf' THEN link.external_id ELSE itf_id END,
    updated_at = $4
FROM unnest($2::integer[], $3::text[]) AS link (player_id, external_id)
WHERE players.id = link.player_id
  AND CASE $1 WHEN 'atp' THEN atp_id WHEN 'wta' THEN wta_id ELSE itf_id END IS NULL;
