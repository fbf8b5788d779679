-- What else is known of a player: whose events they play, where they stand, what waits for them, what a source told. $1: the player.
SELECT concat_ws(
    '|',
    (SELECT gender FROM player_genders WHERE player_id = $1),
    (SELECT string_agg(round || draw_position, ',') FROM draw_places WHERE player_a_id = $1 OR player_b_id = $1),
    (SELECT string_agg(concat_ws(' ', round, player_low_id, player_high_id, scheduled_date), ',' ORDER BY round)
     FROM waiting_schedules WHERE player_low_id = $1 OR player_high_id = $1),
    (SELECT string_agg(field || ' ' || value, ',' ORDER BY field) FROM player_enrichment_values WHERE player_id = $1)
);
