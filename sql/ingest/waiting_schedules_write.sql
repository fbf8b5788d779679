-- Orders of play of matches that are not there. $1: editions; $2: rounds; $3, $4: the players, the smaller id first; $5: days; $6: the
-- same with the time; $7: courts.
INSERT INTO waiting_schedules (
    tournament_edition_id, round, player_low_id, player_high_id, scheduled_date, scheduled_datetime, court
)
SELECT * FROM unnest($1::integer[], $2::text[], $3::integer[], $4::integer[], $5::date[], $6::timestamp[], $7::text[])
ON CONFLICT (tournament_edition_id, round, player_low_id, player_high_id) DO UPDATE SET
    scheduled_date = excluded.scheduled_date,
    scheduled_datetime = excluded.scheduled_datetime,
    court = excluded.court;
