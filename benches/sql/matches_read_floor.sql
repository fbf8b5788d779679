-- What the fold needs of every match from the temporal order $1 on.
COPY (
    SELECT matches.id, matches.temporal_order, matches.match_date, matches.player_a_id, matches.player_b_id, matches.winner_id,
           matches.score_structured, tournaments.level, tournaments.tour, matches.elo_pre_player_a, matches.elo_pre_player_b,
           matches.elo_post_player_a, matches.elo_post_player_b, matches.elo_params_version, matches.elo_needs_recompute
    FROM matches
    JOIN tournament_editions AS editions ON editions.id = matches.tournament_edition_id
    JOIN tournaments ON tournaments.id = editions.tournament_id
    WHERE matches.temporal_order >= $1 AND matches.status IN ('completed', 'retired', 'walkover', 'default')
    ORDER BY matches.temporal_order, matches.id
) TO STDOUT (FORMAT binary)
