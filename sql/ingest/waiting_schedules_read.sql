-- Orders of play of matches that were not there. $1: editions.
SELECT tournament_edition_id, round, player_low_id, player_high_id, scheduled_date, scheduled_datetime, court
FROM waiting_schedules
WHERE tournament_edition_id = ANY ($1);
