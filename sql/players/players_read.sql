-- What is known of these players, every fact as text. $1: their ids.
SELECT player.id,
       player.canonical_name,
       player.atp_id,
       player.wta_id,
       player.itf_id,
       player.nationality_ioc,
       player.birth_date::text AS birth_date,
       player.hand,
       player.height_cm::text AS height_cm,
       player.backhand,
       player.turned_pro_year::text AS turned_pro_year,
       listed.gender,
       listed.external_id
FROM players AS player
LEFT JOIN LATERAL (
    SELECT known.gender, known.external_id
    FROM player_external_ids AS known
    WHERE known.player_id = player.id AND known.source = 'sackmann'
    ORDER BY known.gender, known.external_id
    LIMIT 1
) AS listed ON true
WHERE player.id = ANY($1);
