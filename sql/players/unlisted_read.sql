-- Every player without an id of the archive, once for each name that they go by, with what is known of them as text.
-- Names are joined as a whole: player_aliases has no index on the player.
WITH unlisted AS MATERIALIZED (
    SELECT player.id,
           player.canonical_name,
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
    WHERE NOT EXISTS (
        SELECT FROM player_external_ids AS known WHERE known.player_id = player.id AND known.source = 'sackmann'
    )
)
SELECT unlisted.*, spelling.name
FROM unlisted
JOIN (
    SELECT id AS player_id, canonical_name AS name FROM unlisted
    UNION ALL
    SELECT player_id, alias FROM player_aliases
) AS spelling ON spelling.player_id = unlisted.id
ORDER BY unlisted.id, spelling.name;
