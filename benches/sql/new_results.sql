-- $1 results after the last one, of players who played lately.
INSERT INTO matches (source, tournament_edition_id, round, player_a_id, player_b_id, winner_id, status, score_structured,
                     match_date, temporal_order, created_at, updated_at)
SELECT 'bench', tournament_edition_id, round, player_a_id, player_b_id, winner_id, 'completed', score_structured,
       newest.day + 7, to_char(newest.day + 7, 'YYYYMMDD')::bigint * 10000000 + 130, created_at, updated_at
FROM (
    SELECT * FROM matches WHERE elo_post_player_a IS NOT NULL ORDER BY temporal_order DESC, id DESC LIMIT $1
) AS latest
CROSS JOIN (SELECT max(match_date) AS day FROM matches) AS newest;
