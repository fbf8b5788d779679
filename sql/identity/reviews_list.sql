-- The review queue with the names of the candidates, oldest first. $1: decided entries too.
SELECT entry.id, entry.scraped_name, entry.scraped_source, entry.scraped_external_id, entry.tournament_name, entry.status,
       entry.resolved_player_id,
       entry.suggested_player_1_id AS player_1, one.canonical_name AS name_1,
       entry.suggested_player_1_confidence::text AS confidence_1,
       entry.suggested_player_2_id AS player_2, two.canonical_name AS name_2,
       entry.suggested_player_2_confidence::text AS confidence_2,
       entry.suggested_player_3_id AS player_3, three.canonical_name AS name_3,
       entry.suggested_player_3_confidence::text AS confidence_3
FROM player_review_queue AS entry
LEFT JOIN players AS one ON one.id = entry.suggested_player_1_id
LEFT JOIN players AS two ON two.id = entry.suggested_player_2_id
LEFT JOIN players AS three ON three.id = entry.suggested_player_3_id
WHERE $1 OR entry.status = 'pending'
ORDER BY entry.created_at, entry.id;
