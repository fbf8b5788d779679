-- Places in which nobody stands alone any more. $1: editions; $2: rounds; $3: positions.
DELETE FROM draw_places
USING unnest($1::integer[], $2::text[], $3::integer[]) AS gone (tournament_edition_id, round, draw_position)
WHERE (draw_places.tournament_edition_id, draw_places.round, draw_places.draw_position)
    = (gone.tournament_edition_id, gone.round, gone.draw_position);
