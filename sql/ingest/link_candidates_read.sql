-- Players without an id of this source, with every name they go by. $1: source.
SELECT player.id,
       player.birth_date,
       spelling.name,
       CASE
           WHEN player.atp_id IS NOT NULL THEN 'men'
           WHEN player.wta_id IS NOT NULL THEN 'women'
           ELSE coalesce(
               (SELECT min(known.gender) FROM player_external_ids AS known WHERE known.player_id = player.id),
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
    SELECT FROM player_external_ids AS known WHERE known.player_id = player.id AND known.source = $1
)
ORDER BY player.id;
