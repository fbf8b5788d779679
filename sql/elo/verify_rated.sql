-- Every ratable match in position order, with everything that is stored of its rating.
SELECT matches.id,
       matches.temporal_order,
       matches.match_date,
       matches.player_a_id,
       matches.player_b_id,
       matches.winner_id = matches.player_a_id AS a_won,
       matches.score_structured,
       tournaments.level,
       tournaments.tour,
       (matches.elo_pre_player_a * 100)::integer AS pre_a,
       (matches.elo_pre_player_b * 100)::integer AS pre_b,
       (matches.elo_post_player_a * 100)::integer AS post_a,
       (matches.elo_post_player_b * 100)::integer AS post_b,
       matches.elo_params_version AS version,
       matches.elo_needs_recompute AS stale
FROM matches
JOIN tournament_editions AS editions ON editions.id = matches.tournament_edition_id
JOIN tournaments ON tournaments.id = editions.tournament_id
WHERE elo_is_ratable(matches.status, matches.winner_id, matches.temporal_order, matches.tournament_edition_id,
                     matches.player_a_id, matches.player_b_id)
ORDER BY matches.temporal_order, matches.id;
