-- Writes a batch in one statement: one round trip, one transaction. $1: match ids; $2 to $5: ratings (pre A, pre B, post A,
-- post B); $6: whether the match carries the legacy mark; $7: the version of the parameters; $8: now, UTC; $9: players; $10 to
-- $14: their ratings, numbers of matches, dates and temporal orders of the last match, highest ratings; $15: players whose
-- states go; $16, $22: first and last of the ids of pending rows that are done; $17, $18: where the pass goes on, null when it has ended; $19: the
-- pending row that says so, null before there is one; $20: the checkpoint's key; $21: its value.
WITH computed AS MATERIALIZED (
    SELECT match_id, pre_a, pre_b, post_a, post_b, marked
    FROM unnest($1::integer[], $2::numeric[], $3::numeric[], $4::numeric[], $5::numeric[], $6::boolean[])
        AS computed (match_id, pre_a, pre_b, post_a, post_b, marked)
),
-- The trigger on matches names none of these columns, so that the server does not look at its condition for every row.
rated AS (
    UPDATE matches
    SET elo_pre_player_a = pre_a,
        elo_pre_player_b = pre_b,
        elo_post_player_a = post_a,
        elo_post_player_b = post_b,
        elo_params_version = $7,
        elo_processed_at = $8
    FROM computed
    WHERE matches.id = computed.match_id AND NOT marked
),
-- The few with the legacy mark lose it with the rating.
unmarked AS (
    UPDATE matches
    SET elo_pre_player_a = pre_a,
        elo_pre_player_b = pre_b,
        elo_post_player_a = post_a,
        elo_post_player_b = post_b,
        elo_params_version = $7,
        elo_processed_at = $8,
        elo_needs_recompute = false
    FROM computed
    WHERE matches.id = computed.match_id AND marked
),
states_written AS (
    INSERT INTO player_elo_states AS states
        (player_id, rating, match_count, last_match_date, last_temporal_order, career_peak, updated_at)
    SELECT player_id, rating, match_count, last_match_date, last_temporal_order, career_peak, $8
    FROM unnest($9::integer[], $10::numeric[], $11::integer[], $12::date[], $13::bigint[], $14::numeric[])
        AS computed (player_id, rating, match_count, last_match_date, last_temporal_order, career_peak)
    ON CONFLICT (player_id) DO UPDATE
    SET rating = excluded.rating,
        match_count = excluded.match_count,
        last_match_date = excluded.last_match_date,
        last_temporal_order = excluded.last_temporal_order,
        career_peak = excluded.career_peak,
        updated_at = excluded.updated_at
    WHERE (states.rating, states.match_count, states.last_match_date, states.last_temporal_order, states.career_peak)
        IS DISTINCT FROM
        (excluded.rating, excluded.match_count, excluded.last_match_date, excluded.last_temporal_order, excluded.career_peak)
    RETURNING player_id
),
states_deleted AS (
    DELETE FROM player_elo_states WHERE player_id = ANY ($15) RETURNING player_id
),
done AS (
    DELETE FROM elo_pending
    USING unnest($16::bigint[], $22::bigint[]) AS ids (first, last)
    WHERE elo_pending.id BETWEEN ids.first AND ids.last
),
-- One row says where the next run goes on if this one ends here. It moves with the pass, and ends with it.
mark_moved AS (
    UPDATE elo_pending SET temporal_order = $17, match_id = $18 WHERE id = $19 AND $17::bigint IS NOT NULL
),
mark_removed AS (
    DELETE FROM elo_pending WHERE id = $19 AND $17::bigint IS NULL
),
mark_made AS (
    INSERT INTO elo_pending (temporal_order, match_id, reason)
    SELECT $17, $18::integer, 'resume'
    WHERE $17::bigint IS NOT NULL AND $19::bigint IS NULL
    RETURNING id
),
checkpoint AS (
    INSERT INTO pipeline_checkpoints (key, value_json, updated_at) VALUES ($20, $21, $8)
    ON CONFLICT (key) DO UPDATE SET value_json = excluded.value_json, updated_at = excluded.updated_at
)
SELECT (SELECT count(*) FROM states_written) + (SELECT count(*) FROM states_deleted) AS states_written,
       (SELECT id FROM mark_made) AS mark;
