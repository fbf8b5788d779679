-- What is there twice though it should be once: players with the same spelling and gender but for namesakes with ids of their own,
-- matches of one pair in a round, and spellings.
SELECT format('player %s %s: %s times', player.canonical_name, known.gender, count(*)) AS double
FROM players AS player
JOIN player_genders AS known ON known.player_id = player.id
WHERE player.atp_id IS NULL AND player.wta_id IS NULL AND player.itf_id IS NULL
GROUP BY player.canonical_name, known.gender
HAVING count(*) > 1
UNION ALL
SELECT format('match of %s and %s in edition %s %s: %s times', least(player_a_id, player_b_id), greatest(player_a_id, player_b_id),
              tournament_edition_id, round, count(*))
FROM matches
GROUP BY least(player_a_id, player_b_id), greatest(player_a_id, player_b_id), tournament_edition_id, round
HAVING count(*) > 1
UNION ALL
SELECT format('place %s %s of edition %s: %s times', round, draw_position, tournament_edition_id, count(*))
FROM matches
WHERE status <> 'cancelled' AND draw_position IS NOT NULL
GROUP BY tournament_edition_id, round, draw_position
HAVING count(*) > 1
UNION ALL
SELECT format('spelling %s %s: %s times', alias, source, count(*)) FROM player_aliases GROUP BY alias, source HAVING count(*) > 1;
