-- The matches of editions, and those with certain ids, oldest first. $1: editions; $2: external ids.
SELECT id, external_id, source, tournament_edition_id, round, match_number, player_a_id, player_b_id, player_a_seed, player_b_seed,
       scheduled_date, scheduled_datetime, court, winner_id, score, score_structured, match_date, match_datetime,
       match_date_estimated, duration_minutes, retirement_set, stats, status, draw_position, temporal_order
FROM matches
WHERE tournament_edition_id = ANY ($1) OR external_id = ANY ($2)
ORDER BY id;
