-- What is pending when the runs of the interruption tests begin, so that a run meets each of its statements: on 16 rated
-- matches of players 1 to 6, and one of players 7 and 8, who have no other.
UPDATE matches SET winner_id = CASE winner_id WHEN player_a_id THEN player_b_id ELSE player_a_id END WHERE id = 2;
DELETE FROM matches WHERE id IN (5, 100);
UPDATE matches SET status = 'in_progress', winner_id = NULL WHERE id = 7;
INSERT INTO matches (id, source, tournament_edition_id, player_a_id, player_b_id, winner_id, status, match_date, temporal_order,
                     created_at, updated_at)
VALUES (101, 't', 1, 1, 2, NULL, 'upcoming', '2023-01-01', 202301010000130, '2020-01-01', '2020-01-01'),
       (102, 't', 2, 7, 3, 7, 'completed', '2020-06-01', 202006010000130, '2020-01-01', '2020-01-01'),
       (103, 't', 3, 4, 5, 4, 'completed', '2022-12-01', 202212010000130, '2020-01-01', '2020-01-01');
