-- Orders of play that met their match. $1: editions; $2: rounds; $3, $4: the players, the smaller id first.
DELETE FROM waiting_schedules
USING unnest($1::integer[], $2::text[], $3::integer[], $4::integer[]) AS gone (edition_id, round, low_id, high_id)
WHERE (tournament_edition_id, waiting_schedules.round, player_low_id, player_high_id) = (edition_id, gone.round, low_id, high_id);
