-- Whether one of two players played only with men and the other only with women. $1, $2: the players.
SELECT coalesce(min(gender) <> max(gender) AND count(*) = 2 AND count(DISTINCT player_id) = 2, false) AS differ
FROM (
    SELECT player_id, gender FROM player_genders WHERE player_id IN ($1, $2)
    UNION
    SELECT played.player_id, tournaments.gender
    FROM (
        SELECT player_a_id AS player_id, tournament_edition_id FROM matches WHERE player_a_id IN ($1, $2)
        UNION ALL
        SELECT player_b_id, tournament_edition_id FROM matches WHERE player_b_id IN ($1, $2)
    ) AS played
    JOIN tournament_editions AS editions ON editions.id = played.tournament_edition_id
    JOIN tournaments ON tournaments.id = editions.tournament_id
    WHERE tournaments.gender IN ('men', 'women')
) AS found;
