-- New matches of a document, their ids in the given order. An external id that another match has, one that was not read, stays there.
-- $1: the matches; $2: now, UTC.
INSERT INTO matches (
    external_id, source, tournament_edition_id, round, match_number, player_a_id, player_b_id, player_a_seed, player_b_seed,
    scheduled_date, scheduled_datetime, court, winner_id, score, score_structured, match_date, match_datetime, match_date_estimated,
    duration_minutes, retirement_set, stats, status, draw_position, temporal_order, created_at, updated_at
)
SELECT CASE WHEN NOT EXISTS (SELECT FROM matches AS owner WHERE owner.external_id = fixture.external_id) THEN external_id END,
       source, tournament_edition_id, round, match_number, player_a_id, player_b_id, player_a_seed, player_b_seed,
       scheduled_date, scheduled_datetime, court, winner_id, score, score_structured, match_date, match_datetime, match_date_estimated,
       duration_minutes, retirement_set, stats, status, draw_position, temporal_order, $2, $2
FROM ROWS FROM (
    jsonb_to_recordset($1) AS (
        external_id text, source text, tournament_edition_id integer, round text, match_number integer, player_a_id integer,
        player_b_id integer, player_a_seed integer, player_b_seed integer, scheduled_date date, scheduled_datetime timestamp,
        court text, winner_id integer, score text, score_structured jsonb, match_date date, match_datetime timestamp,
        match_date_estimated boolean, duration_minutes integer, retirement_set integer, stats jsonb, status text,
        draw_position integer, temporal_order bigint
    )
) WITH ORDINALITY AS fixture
ORDER BY ordinality
RETURNING id;
