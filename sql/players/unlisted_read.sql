-- Every player without an id of the archive, once for each name that they go by, with what is known of them as text.
SELECT player.id,
       spelling.name,
       player.nationality_ioc,
       player.birth_date::text AS birth_date,
       player.hand,
       player.height_cm::text AS height_cm,
       CASE
           WHEN player.atp_id IS NOT NULL THEN 'men'
           WHEN player.wta_id IS NOT NULL THEN 'women'
           ELSE coalesce(
               (SELECT noted.gender FROM player_genders AS noted WHERE noted.player_id = player.id),
               -- Any match tells.
               (SELECT CASE
                           WHEN tournament.gender ILIKE 'w%' OR tournament.gender ILIKE 'f%'
                                OR tournament.tour IN ('WTA', 'WTA_125', 'ITF_WOMEN') THEN 'women'
                           WHEN tournament.gender ILIKE 'm%' OR tournament.tour IN ('ATP', 'CHALLENGER', 'ITF_MEN') THEN 'men'
                       END
                FROM matches AS played
                JOIN tournament_editions AS edition ON edition.id = played.tournament_edition_id
                JOIN tournaments AS tournament ON tournament.id = edition.tournament_id
                WHERE player.id IN (played.player_a_id, played.player_b_id)
                LIMIT 1)
           )
       END AS gender
FROM players AS player
CROSS JOIN LATERAL (
    SELECT player.canonical_name AS name
    UNION
    SELECT alias.alias FROM player_aliases AS alias WHERE alias.player_id = player.id
) AS spelling
WHERE NOT EXISTS (
    SELECT FROM player_external_ids AS known WHERE known.player_id = player.id AND known.source = 'sackmann'
)
ORDER BY player.id;
