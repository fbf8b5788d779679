-- Every match that is not rated but unplayed, or holds any ELO value: what is stored, in cents. A finished match without any
-- needs no look.
SELECT matches.id,
       matches.player_a_id,
       matches.player_b_id,
       matches.status IN ('upcoming', 'scheduled', 'in_progress') AND matches.winner_id IS NULL AS unplayed,
       coalesce(tournaments.level, '') AS level,
       coalesce(tournaments.tour, '') AS tour,
       (matches.elo_pre_player_a * 100)::integer AS pre_a,
       (matches.elo_pre_player_b * 100)::integer AS pre_b,
       (matches.elo_post_player_a * 100)::integer AS post_a,
       (matches.elo_post_player_b * 100)::integer AS post_b,
       matches.elo_params_version AS version,
       matches.elo_needs_recompute AS stale
FROM matches
LEFT JOIN tournament_editions AS editions ON editions.id = matches.tournament_edition_id
LEFT JOIN tournaments ON tournaments.id = editions.tournament_id
WHERE elo_is_ratable(matches.status, matches.winner_id, matches.temporal_order, matches.tournament_edition_id,
                     matches.player_a_id, matches.player_b_id) IS NOT TRUE
  AND (matches.status IN ('upcoming', 'scheduled', 'in_progress')
       OR matches.elo_pre_player_a IS NOT NULL OR matches.elo_pre_player_b IS NOT NULL
       OR matches.elo_post_player_a IS NOT NULL OR matches.elo_post_player_b IS NOT NULL
       OR matches.elo_params_version IS NOT NULL OR matches.elo_needs_recompute)
ORDER BY matches.id;
