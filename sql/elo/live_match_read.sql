-- One ratable match, with the columns of matches_read.sql. $1: the match.
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
       true AS outdated,
       matches.elo_needs_recompute AS marked
FROM matches
JOIN tournament_editions AS editions ON editions.id = matches.tournament_edition_id
JOIN tournaments ON tournaments.id = editions.tournament_id
WHERE matches.id = $1
  AND elo_is_ratable(matches.status, matches.winner_id, matches.temporal_order, matches.tournament_edition_id,
                     matches.player_a_id, matches.player_b_id);
