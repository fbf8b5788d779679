-- A match of two players who have no other.
INSERT INTO matches (id, source, tournament_edition_id, player_a_id, player_b_id, winner_id, status, match_date, temporal_order,
                     created_at, updated_at)
VALUES (100, 't', 1, 8, 7, 8, 'completed', '2021-01-01', 202101010000130, '2020-01-01', '2020-01-01');
