-- The session's staging table: the matches of one file, emptied at each transaction's end.
CREATE TEMPORARY TABLE staged_matches (
    number integer NOT NULL,
    external_id varchar(100) NOT NULL,
    tournament_edition_id integer NOT NULL,
    round varchar(20) NOT NULL,
    match_number integer,
    player_a_id integer NOT NULL,
    player_b_id integer NOT NULL,
    player_a_seed integer,
    player_b_seed integer,
    winner_id integer NOT NULL,
    status varchar(20) NOT NULL,
    score varchar(100),
    score_structured jsonb,
    retirement_set integer,
    match_date date NOT NULL,
    temporal_order bigint NOT NULL,
    duration_minutes integer,
    stats jsonb
) ON COMMIT DELETE ROWS;
