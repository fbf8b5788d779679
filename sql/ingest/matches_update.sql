-- needs: sql/ingest/staged_matches_create.sql
-- Brings the matches of this source up to date with the file. A real date, and the order that follows from it, stays. $1:
-- source; $2: now, UTC.
UPDATE matches
SET tournament_edition_id = staged.tournament_edition_id,
    round = staged.round,
    match_number = staged.match_number,
    player_a_id = staged.player_a_id,
    player_b_id = staged.player_b_id,
    player_a_seed = staged.player_a_seed,
    player_b_seed = staged.player_b_seed,
    winner_id = staged.winner_id,
    status = staged.status,
    score = staged.score,
    score_structured = staged.score_structured,
    retirement_set = staged.retirement_set,
    duration_minutes = staged.duration_minutes,
    stats = staged.stats,
    match_date = CASE WHEN matches.match_date_estimated OR matches.match_date IS NULL
                      THEN staged.match_date ELSE matches.match_date END,
    match_date_estimated = matches.match_date_estimated OR matches.match_date IS NULL,
    temporal_order = CASE WHEN matches.match_date_estimated OR matches.match_date IS NULL
                          THEN staged.temporal_order ELSE matches.temporal_order END,
    updated_at = $2
FROM staged_matches AS staged
WHERE matches.external_id = staged.external_id AND matches.source = $1;
