-- Tables for a golden set as it comes.
CREATE TABLE golden_matches (
    id integer PRIMARY KEY, temporal_order bigint, tournament_edition_id integer, round text, match_date date, status text,
    player_a_id integer, player_b_id integer, winner_id integer, tour text, level text, score_structured jsonb,
    elo_pre_player_a numeric, elo_pre_player_b numeric, elo_post_player_a numeric, elo_post_player_b numeric
);
CREATE TABLE golden_states (
    player_id integer PRIMARY KEY, rating numeric, match_count integer, last_match_date date, last_temporal_order bigint,
    career_peak numeric
);
