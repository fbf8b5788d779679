-- Players with their ids and whose events they play, in the order of their ids. $1: only those behind this id; $2: leave those out
-- who have an id of this source (null: nobody).
SELECT player.id,
       player.canonical_name,
       player.birth_date,
       player.atp_id,
       player.wta_id,
       player.itf_id,
       CASE
           WHEN player.atp_id IS NOT NULL THEN 'men'
           WHEN player.wta_id IS NOT NULL THEN 'women'
           ELSE coalesce(
               (SELECT known.gender FROM player_genders AS known WHERE known.player_id = player.id),
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
WHERE player.id > $1
  AND NOT EXISTS (
      SELECT FROM player_external_ids AS known WHERE known.player_id = player.id AND known.source = $2
  )
ORDER BY player.id;
