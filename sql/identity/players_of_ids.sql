-- Players with these ids of a tour. $1: atp, wta or itf; $2: the ids.
SELECT id, CASE $1 WHEN 'atp' THEN atp_id WHEN 'wta' THEN wta_id ELSE itf_id END AS external_id
FROM players
WHERE ($1 = 'atp' AND atp_id = ANY ($2)) OR ($1 = 'wta' AND wta_id = ANY ($2)) OR ($1 = 'itf' AND itf_id = ANY ($2));
