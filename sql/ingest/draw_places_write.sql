-- Places in which one player stands now. $1: editions; $2: rounds; $3: positions; $4, $5: the player on side A or B; $6: seeds; $7: byes.
INSERT INTO draw_places (tournament_edition_id, round, draw_position, player_a_id, player_b_id, seed, is_bye)
SELECT * FROM unnest($1::integer[], $2::text[], $3::integer[], $4::integer[], $5::integer[], $6::integer[], $7::boolean[])
ON CONFLICT (tournament_edition_id, round, draw_position) DO UPDATE SET
    player_a_id = excluded.player_a_id,
    player_b_id = excluded.player_b_id,
    seed = excluded.seed,
    is_bye = excluded.is_bye;
