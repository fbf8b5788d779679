-- Matches, and how many differ; expected states, and how many differ; stored states.
SELECT count(*),
       count(*) FILTER (WHERE (m.elo_pre_player_a, m.elo_pre_player_b, m.elo_post_player_a, m.elo_post_player_b)
           IS DISTINCT FROM (g.elo_pre_player_a, g.elo_pre_player_b, g.elo_post_player_a, g.elo_post_player_b)),
       (SELECT count(*) FROM golden_states),
       (SELECT count(*) FROM golden_states AS e LEFT JOIN player_elo_states AS s USING (player_id)
        WHERE (s.rating, s.match_count, s.last_match_date, s.last_temporal_order, s.career_peak)
            IS DISTINCT FROM (e.rating, e.match_count, e.last_match_date, e.last_temporal_order, e.career_peak)),
       (SELECT count(*) FROM player_elo_states)
FROM golden_matches AS g
JOIN matches AS m USING (id);
