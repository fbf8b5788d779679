-- Writes the ratings of a batch. $1: match ids; $2 to $5: ratings in cents (pre A, pre B, post A, post B); $6: the version of
-- the parameters; $7: now, UTC.
UPDATE matches
SET elo_pre_player_a = rated.pre_a * 0.01,
    elo_pre_player_b = rated.pre_b * 0.01,
    elo_post_player_a = rated.post_a * 0.01,
    elo_post_player_b = rated.post_b * 0.01,
    elo_params_version = $6,
    elo_processed_at = $7,
    elo_needs_recompute = false
FROM unnest($1::integer[], $2::integer[], $3::integer[], $4::integer[], $5::integer[])
    AS rated (match_id, pre_a, pre_b, post_a, post_b)
WHERE matches.id = rated.match_id;
