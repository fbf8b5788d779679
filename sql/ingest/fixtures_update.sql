-- Matches that a document changed. Writes only what differs, and returns it. An external id that another match has, one that was not
-- read, stays there. $1: the matches; $2: now, UTC.
UPDATE matches
SET external_id = CASE WHEN owner.id IS NULL THEN fixture.external_id ELSE matches.external_id END,
    tournament_edition_id = fixture.tournament_edition_id,
    round = fixture.round,
    match_number = fixture.match_number,
    player_a_seed = fixture.player_a_seed,
    player_b_seed = fixture.player_b_seed,
    scheduled_date = fixture.scheduled_date,
    scheduled_datetime = fixture.scheduled_datetime,
    court = fixture.court,
    winner_id = fixture.winner_id,
    score = fixture.score,
    score_structured = fixture.score_structured,
    match_date = fixture.match_date,
    match_datetime = fixture.match_datetime,
    match_date_estimated = fixture.match_date_estimated,
    duration_minutes = fixture.duration_minutes,
    retirement_set = fixture.retirement_set,
    stats = fixture.stats,
    status = fixture.status,
    draw_position = fixture.draw_position,
    temporal_order = fixture.temporal_order,
    updated_at = $2
FROM jsonb_to_recordset($1) AS fixture (
    id integer, external_id text, tournament_edition_id integer, round text, match_number integer, player_a_seed integer,
    player_b_seed integer, scheduled_date date, scheduled_datetime timestamp, court text, winner_id integer, score text,
    score_structured jsonb, match_date date, match_datetime timestamp, match_date_estimated boolean, duration_minutes integer,
    retirement_set integer, stats jsonb, status text, draw_position integer, temporal_order bigint
)
LEFT JOIN matches AS owner ON owner.external_id = fixture.external_id AND owner.id <> fixture.id
WHERE matches.id = fixture.id
  AND (matches.external_id, matches.tournament_edition_id, matches.round, matches.match_number, matches.player_a_seed,
       matches.player_b_seed, matches.scheduled_date, matches.scheduled_datetime, matches.court, matches.winner_id, matches.score,
       matches.score_structured, matches.match_date, matches.match_datetime, matches.match_date_estimated,
       matches.duration_minutes, matches.retirement_set, matches.stats, matches.status, matches.draw_position,
       matches.temporal_order)
      IS DISTINCT FROM
      (CASE WHEN owner.id IS NULL THEN fixture.external_id ELSE matches.external_id END,
       fixture.tournament_edition_id, fixture.round, fixture.match_number, fixture.player_a_seed,
       fixture.player_b_seed, fixture.scheduled_date, fixture.scheduled_datetime, fixture.court, fixture.winner_id, fixture.score,
       fixture.score_structured, fixture.match_date, fixture.match_datetime, fixture.match_date_estimated,
       fixture.duration_minutes, fixture.retirement_set, fixture.stats, fixture.status, fixture.draw_position,
       fixture.temporal_order)
RETURNING matches.id;
