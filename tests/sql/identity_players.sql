-- Every player with what tells them apart.
SELECT concat(
           player.id, ' ', player.canonical_name,
           coalesce(' ' || gender.gender, CASE WHEN player.atp_id IS NOT NULL THEN ' men' WHEN player.wta_id IS NOT NULL THEN ' women' END),
           ' atp ' || player.atp_id, ' wta ' || player.wta_id, ' itf ' || player.itf_id, ': ',
           (SELECT string_agg(concat(alias, ' (', source, ')'), ', ' ORDER BY alias COLLATE "C", source)
            FROM player_aliases WHERE player_id = player.id))
FROM players AS player
LEFT JOIN player_genders AS gender ON gender.player_id = player.id
ORDER BY player.id;
