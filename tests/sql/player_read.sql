-- A player, and everything that is theirs.
SELECT concat_ws('|', atp_id, itf_id, nationality_ioc, birth_date, height_cm),
       (SELECT string_agg(alias || ' ' || source, ', ' ORDER BY alias, source) FROM player_aliases WHERE player_id = players.id),
       (SELECT string_agg(id::text, ',' ORDER BY id) FROM matches WHERE players.id IN (player_a_id, player_b_id)),
       (SELECT string_agg(id::text, ',' ORDER BY id) FROM matches WHERE winner_id = players.id),
       (SELECT string_agg(source || ' ' || external_id, ',') FROM player_external_ids WHERE player_id = players.id)
FROM players
WHERE id = $1;
