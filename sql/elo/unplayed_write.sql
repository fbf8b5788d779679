-- Pre-match ratings of unplayed matches: each player's current rating, or the start rating of someone without a rated match.
-- $1, $2: start ratings of men and women, in cents.
UPDATE matches
SET elo_pre_player_a = due.pre_a, elo_pre_player_b = due.pre_b
FROM (
    SELECT unplayed.id,
           coalesce(state_a.rating, start.rating) AS pre_a,
           coalesce(state_b.rating, start.rating) AS pre_b
    FROM matches AS unplayed
    LEFT JOIN tournament_editions AS editions ON editions.id = unplayed.tournament_edition_id
    LEFT JOIN tournaments ON tournaments.id = editions.tournament_id
    -- The women's codes begin with W: the tour WTA, and the levels WTA… and ITF W….
    CROSS JOIN LATERAL (
        SELECT CASE WHEN tournaments.tour = 'WTA' OR tournaments.level LIKE 'WTA%' OR tournaments.level LIKE 'ITF W%'
                    THEN $2::integer ELSE $1::integer END * 0.01 AS rating
    ) AS start
    LEFT JOIN player_elo_states AS state_a ON state_a.player_id = unplayed.player_a_id
    LEFT JOIN player_elo_states AS state_b ON state_b.player_id = unplayed.player_b_id
    WHERE unplayed.status IN ('upcoming', 'scheduled', 'in_progress') AND unplayed.winner_id IS NULL
) AS due
WHERE matches.id = due.id
  AND (matches.elo_pre_player_a, matches.elo_pre_player_b) IS DISTINCT FROM (due.pre_a, due.pre_b);
