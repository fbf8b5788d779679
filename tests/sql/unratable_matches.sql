-- One finished match for each reason not to rate it, an unplayed one, and a cancelled one.
INSERT INTO matches (id, source, tournament_edition_id, player_a_id, player_b_id, winner_id, status, temporal_order,
                     created_at, updated_at)
VALUES (1001, 't', 1, 1, 2, NULL, 'completed', 202101010000130, '2020-01-01', '2020-01-01'),
       (1002, 't', 1, 1, 2, 1, 'retired', NULL, '2020-01-01', '2020-01-01'),
       (1003, 't', NULL, 1, 2, 1, 'completed', 202101010000130, '2020-01-01', '2020-01-01'),
       (1004, 't', 1, 1, 2, 3, 'completed', 202101010000130, '2020-01-01', '2020-01-01'),
       (1005, 't', 1, 1, 1, 1, 'walkover', 202101010000130, '2020-01-01', '2020-01-01'),
       (1006, 't', 1, 1, 2, NULL, 'upcoming', 202101010000130, '2020-01-01', '2020-01-01'),
       (1007, 't', 1, 1, 2, 1, 'cancelled', 202101010000130, '2020-01-01', '2020-01-01');
