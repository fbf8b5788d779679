-- needs: sql/ingest/staged_matches_create.sql
-- New matches, their ids in the file's order. Returns the numbers of those that were there already. $1: source; $2: now, UTC.
WITH inserted AS (
    INSERT INTO matches (
        external_id, source, tournament_edition_id, round, match_number, player_a_id, player_b_id, player_a_seed, player_b_seed,
        winner_id, status, score, score_structured, retirement_set, match_date, match_date_estimated, temporal_order,
        duration_minutes, stats, created_at, updated_at
    )
    SELECT external_id, $1, tournament_edition_id, round, match_number, player_a_id, player_b_id, player_a_seed, player_b_seed,
           winner_id, status, score, score_structured, retirement_set, match_date, true, temporal_order,
           duration_minutes, stats, $2, $2
    FROM staged_matches
    ORDER BY number
    ON CONFLICT (external_id) DO NOTHING
    RETURNING external_id
)
SELECT number
FROM staged_matches
WHERE NOT EXISTS (SELECT FROM inserted WHERE inserted.external_id = staged_matches.external_id)
ORDER BY number;
