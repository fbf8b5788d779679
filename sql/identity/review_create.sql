-- A name of which nobody can tell whose it is. $1: name; $2: source; $3: the source's id; $4: the match's id; $5: tournament; $6, $8,
-- $10: the candidates; $7, $9, $11: how alike the names are, from 0 to 1; $12: now, UTC.
INSERT INTO player_review_queue (
    scraped_name, scraped_source, scraped_external_id, match_external_id, tournament_name,
    suggested_player_1_id, suggested_player_1_confidence, suggested_player_2_id, suggested_player_2_confidence,
    suggested_player_3_id, suggested_player_3_confidence, status, created_at
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7::float8::numeric(5, 4), $8, $9::float8::numeric(5, 4), $10, $11::float8::numeric(5, 4), 'pending', $12
)
RETURNING id;
