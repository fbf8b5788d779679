-- Players who miss a field and are due, each with the sources to ask. First those who are new since the last checkpoint, in the
-- order in which they came; then the longest untried first, of these who have an id of a tour first.
-- $1: now, UTC; $2: the version of the files, null without any; $3: whether a command is there; $4: the newest player at the last
-- checkpoint; $5: true: also those whose next try is later; $6: at most so many, null: all.
SELECT player.id,
       player.id > $4 AS is_new,
       wanted.files,
       wanted.command,
       wanted.files AND NOT EXISTS (
           SELECT FROM player_external_ids AS known WHERE known.player_id = player.id AND known.source = 'sackmann'
       ) AS by_name
FROM players AS player
LEFT JOIN player_enrichment_tries AS listed ON listed.player_id = player.id AND listed.provider = 'files'
LEFT JOIN player_enrichment_tries AS asked ON asked.player_id = player.id AND asked.provider = 'command'
CROSS JOIN LATERAL (
    -- The files have four of the fields. They are looked through again at once when they have changed.
    SELECT $2::text IS NOT NULL
           AND num_nulls(player.nationality_ioc, player.birth_date, player.hand, player.height_cm) > 0
           AND (listed.player_id IS NULL OR $5 OR listed.next_try_at <= $1 OR listed.version IS DISTINCT FROM $2::text) AS files,
           -- By the name alone a command is asked once; with an id of a tour, again and again.
           $3
           AND num_nulls(
               player.nationality_ioc, player.birth_date, player.hand, player.height_cm, player.backhand, player.turned_pro_year
           ) > 0
           AND (asked.player_id IS NULL
                OR (num_nonnulls(player.atp_id, player.wta_id, player.itf_id) > 0 AND ($5 OR asked.next_try_at <= $1))) AS command
) AS wanted
WHERE wanted.files OR wanted.command
ORDER BY player.id > $4 DESC,
         CASE WHEN player.id > $4 THEN player.id END,
         -- least() passes over what is null.
         least(
             CASE WHEN wanted.files THEN coalesce(listed.tried_at, '-infinity') END,
             CASE WHEN wanted.command THEN coalesce(asked.tried_at, '-infinity') END
         ),
         num_nonnulls(player.atp_id, player.wta_id, player.itf_id) > 0 DESC,
         player.id
LIMIT $6;
