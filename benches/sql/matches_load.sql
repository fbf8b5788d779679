-- The made-up matches, loaded at once.
COPY matches (source, tournament_edition_id, round, player_a_id, player_b_id, winner_id, status, score_structured, match_date,
              temporal_order, created_at, updated_at) FROM STDIN
