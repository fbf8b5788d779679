-- needs: sql/ingest/staged_matches_create.sql
-- Drops from the staging table what the database already has, to the last column. A real date stays as it is: an estimate never
-- replaces it. The subquery keeps the planner to one index look-up a row; a join would read all of matches.
DELETE FROM staged_matches AS staged
WHERE (
    SELECT (
        known.tournament_edition_id, known.round, known.match_number, known.player_a_id, known.player_b_id,
        known.player_a_seed, known.player_b_seed, known.winner_id, known.status, known.score, known.score_structured,
        known.retirement_set, known.duration_minutes, known.stats
    ) IS NOT DISTINCT FROM (
        staged.tournament_edition_id, staged.round, staged.match_number, staged.player_a_id, staged.player_b_id,
        staged.player_a_seed, staged.player_b_seed, staged.winner_id, staged.status, staged.score, staged.score_structured,
        staged.retirement_set, staged.duration_minutes, staged.stats
    ) AND (
        (known.match_date IS NOT NULL AND NOT known.match_date_estimated)
        OR (known.match_date, known.temporal_order) IS NOT DISTINCT FROM (staged.match_date, staged.temporal_order)
    )
    FROM matches AS known
    WHERE known.external_id = staged.external_id
);
