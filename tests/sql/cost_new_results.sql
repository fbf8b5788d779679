-- Ten new results, in order, after all others.
INSERT INTO matches (source, tournament_edition_id, player_a_id, player_b_id, winner_id, status, match_date, temporal_order,
                     created_at, updated_at)
SELECT 'new', 1, number, number + 5, number, 'completed', '2023-06-01', 202306010000100 + number, '2020-01-01', '2020-01-01'
FROM generate_series(1, 10) AS number;
