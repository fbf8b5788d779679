-- Pending rows without a position: matches that changed and are not rated now. $1: at most so many.
SELECT pending.id AS pending_id,
       pending.match_id,
       CASE
           WHEN matches.status IS NULL OR matches.status NOT IN ('completed', 'retired', 'walkover', 'default') THEN NULL
           WHEN elo_is_ratable(matches.status, matches.winner_id, matches.temporal_order, matches.tournament_edition_id,
                               matches.player_a_id, matches.player_b_id) THEN NULL
           WHEN matches.winner_id IS NULL THEN 'no_winner'
           WHEN matches.temporal_order IS NULL THEN 'no_order'
           WHEN matches.tournament_edition_id IS NULL THEN 'no_edition'
           WHEN matches.player_a_id = matches.player_b_id THEN 'same_player'
           ELSE 'winner_did_not_play'
       END AS reason
FROM (SELECT id, match_id FROM elo_pending WHERE temporal_order IS NULL ORDER BY id LIMIT $1) AS pending
LEFT JOIN matches ON matches.id = pending.match_id;
