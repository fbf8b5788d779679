-- needs: sql/ingest/staged_matches_create.sql
-- Takes the matches of a file in.
COPY staged_matches (
    number, external_id, tournament_edition_id, round, match_number, player_a_id, player_b_id, player_a_seed, player_b_seed,
    winner_id, status, score, score_structured, retirement_set, match_date, temporal_order, duration_minutes, stats
) FROM STDIN;
