-- Places of a draw in which one player stands. $1: editions.
SELECT tournament_edition_id, round, draw_position, player_a_id, player_b_id, seed, is_bye
FROM draw_places
WHERE tournament_edition_id = ANY ($1);
