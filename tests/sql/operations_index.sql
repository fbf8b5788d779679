-- The definition of the index with which the legacy ELO script finds what is pending.
SELECT indexdef FROM pg_indexes WHERE indexname = 'idx_matches_elo_pending'
