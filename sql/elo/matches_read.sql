-- The next ratable matches in position order, with what is stored of their ratings.
-- $1, $2: the first position; $3: at most so many; $4: the version of the parameters in force.
SELECT matches.id,
       matches.temporal_order,
       matches.match_date,
       matches.player_a_id,
       matches.player_b_id,
       matches.winner_id = matches.player_a_id AS a_won,
       matches.score_structured,
       tournaments.level,
       tournaments.tour,
       matches.elo_pre_player_a,
       matches.elo_pre_player_b,
       matches.elo_post_player_a,
       matches.elo_post_player_b,
       matches.elo_params_version IS DISTINCT FROM $4 AS outdated,
       matches.elo_needs_recompute AS marked
FROM matches
JOIN tournament_editions AS editions ON editions.id = matches.tournament_edition_id
JOIN tournaments ON tournaments.id = editions.tournament_id
WHERE (matches.temporal_order, matches.id) >= ($1, $2)
  AND elo_is_ratable(matches.status, matches.winner_id, matches.temporal_order, matches.tournament_edition_id,
                     matches.player_a_id, matches.player_b_id)
ORDER BY matches.temporal_order, matches.id
LIMIT $3;
