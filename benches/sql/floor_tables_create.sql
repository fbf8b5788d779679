CREATE TEMPORARY TABLE floor_ratings (
    match_id integer, pre_a numeric(8,2), pre_b numeric(8,2), post_a numeric(8,2), post_b numeric(8,2)
) ON COMMIT DROP;
CREATE TEMPORARY TABLE floor_states (
    player_id integer, rating numeric(8,2), match_count integer, last_match_date date, last_temporal_order bigint,
    career_peak numeric(8,2)
) ON COMMIT DROP;
