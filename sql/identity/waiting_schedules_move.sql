-- What waits for matches of one player waits for another's. $1: who keeps it; $2: who goes.
WITH gone AS (
    DELETE FROM waiting_schedules WHERE player_low_id = $2 OR player_high_id = $2 RETURNING *
),
opponents AS (
    SELECT *, CASE player_low_id WHEN $2 THEN player_high_id ELSE player_low_id END AS opponent_id FROM gone
)
INSERT INTO waiting_schedules (
    tournament_edition_id, round, player_low_id, player_high_id, scheduled_date, scheduled_datetime, court
)
SELECT tournament_edition_id, round, least($1, opponent_id), greatest($1, opponent_id), scheduled_date, scheduled_datetime, court
FROM opponents
WHERE opponent_id <> $1
ON CONFLICT (tournament_edition_id, round, player_low_id, player_high_id) DO NOTHING;
