-- Teelo's tables, as the running system has them. Each statement leaves what exists alone.
-- The index idx_matches_elo_pending of older systems is not created: see migration 0003.

CREATE TABLE IF NOT EXISTS players (
    id serial,
    canonical_name varchar(255) NOT NULL,
    atp_id varchar(20),
    wta_id varchar(20),
    itf_id varchar(20),
    nationality_ioc varchar(3),
    birth_date date,
    turned_pro_year integer,
    hand varchar(15),
    backhand varchar(20),
    height_cm integer,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL
);

CREATE TABLE IF NOT EXISTS player_aliases (
    id serial,
    player_id integer NOT NULL,
    alias varchar(255) NOT NULL,
    source varchar(50) NOT NULL,
    created_at timestamp NOT NULL
);

CREATE TABLE IF NOT EXISTS player_review_queue (
    id serial,
    scraped_name varchar(255) NOT NULL,
    scraped_source varchar(50) NOT NULL,
    scraped_external_id varchar(50),
    match_external_id varchar(100),
    tournament_name varchar(255),
    suggested_player_1_id integer,
    suggested_player_1_confidence numeric(5,4),
    suggested_player_2_id integer,
    suggested_player_2_confidence numeric(5,4),
    suggested_player_3_id integer,
    suggested_player_3_confidence numeric(5,4),
    status varchar(20) NOT NULL,
    resolved_player_id integer,
    resolved_by varchar(100),
    resolved_at timestamp,
    created_at timestamp NOT NULL
);

CREATE TABLE IF NOT EXISTS tournaments (
    id serial,
    tournament_code varchar(30) NOT NULL,
    name varchar(255) NOT NULL,
    tour varchar(15) NOT NULL,
    level varchar(30) NOT NULL,
    city varchar(100),
    country varchar(100),
    country_ioc varchar(3),
    surface varchar(20),
    indoor_outdoor varchar(10),
    atp_link varchar(255),
    wta_link varchar(255),
    itf_link varchar(255),
    betting_link varchar(255),
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    gender varchar(10)
);

CREATE TABLE IF NOT EXISTS tournament_editions (
    id serial,
    tournament_id integer NOT NULL,
    year integer NOT NULL,
    start_date date,
    end_date date,
    surface varchar(20),
    draw_size integer,
    prize_money_usd integer,
    atp_edition_id varchar(50),
    wta_edition_id varchar(50),
    itf_edition_id varchar(50),
    created_at timestamp NOT NULL
);

CREATE TABLE IF NOT EXISTS matches (
    id serial,
    external_id varchar(100),
    source varchar(20) NOT NULL,
    tournament_edition_id integer,
    round varchar(20),
    match_number integer,
    player_a_id integer NOT NULL,
    player_b_id integer NOT NULL,
    scheduled_date date,
    scheduled_datetime timestamp,
    court varchar(100),
    odds_a numeric(6,3),
    odds_b numeric(6,3),
    odds_source varchar(50),
    odds_updated_at timestamp,
    prediction_a numeric(5,4),
    prediction_model_version varchar(50),
    prediction_updated_at timestamp,
    winner_id integer,
    score varchar(100),
    score_structured jsonb,
    match_date date,
    match_datetime timestamp,
    duration_minutes integer,
    retirement_set integer,
    stats jsonb,
    status varchar(20) NOT NULL,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    temporal_order bigint,
    match_date_estimated boolean NOT NULL DEFAULT false,
    draw_position integer,
    player_a_seed integer,
    player_b_seed integer,
    elo_pre_player_a numeric(8,2),
    elo_pre_player_b numeric(8,2),
    elo_post_player_a numeric(8,2),
    elo_post_player_b numeric(8,2),
    elo_params_version varchar(64),
    elo_processed_at timestamp,
    elo_needs_recompute boolean NOT NULL DEFAULT false
);

CREATE TABLE IF NOT EXISTS player_elo_states (
    id serial,
    player_id integer NOT NULL,
    rating numeric(8,2) NOT NULL,
    match_count integer NOT NULL DEFAULT 0,
    last_match_date date,
    last_temporal_order bigint,
    career_peak numeric(8,2) NOT NULL,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS elo_parameter_sets (
    id serial,
    name varchar(100) NOT NULL,
    params jsonb NOT NULL,
    source varchar(30) NOT NULL,
    is_active boolean NOT NULL DEFAULT false,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS scrape_queue (
    id serial,
    task_type varchar(50) NOT NULL,
    task_params jsonb NOT NULL,
    priority integer NOT NULL,
    status varchar(20) NOT NULL,
    attempts integer NOT NULL,
    max_attempts integer NOT NULL,
    last_error text,
    next_retry_at timestamp,
    created_at timestamp NOT NULL,
    started_at timestamp,
    completed_at timestamp
);

CREATE TABLE IF NOT EXISTS update_log (
    id serial,
    update_type varchar(50) NOT NULL,
    details jsonb,
    success boolean NOT NULL,
    error_message text,
    duration_seconds numeric(10,2),
    created_at timestamp NOT NULL
);

CREATE TABLE IF NOT EXISTS pipeline_checkpoints (
    key varchar(120) NOT NULL,
    value_json jsonb NOT NULL,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS pipeline_runs (
    id serial,
    run_id varchar(64) NOT NULL,
    started_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ended_at timestamp,
    status varchar(20) NOT NULL,
    summary_json jsonb
);

CREATE TABLE IF NOT EXISTS pipeline_stage_runs (
    id serial,
    run_id varchar(64) NOT NULL,
    stage_name varchar(80) NOT NULL,
    started_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ended_at timestamp,
    status varchar(20) NOT NULL,
    metrics_json jsonb,
    error_text text
);

-- Constraints by name and definition: added where no constraint of that table says the same. Primary and unique keys
-- come before the foreign keys that refer to them.
CREATE TEMPORARY TABLE expected_constraints (
    number integer GENERATED ALWAYS AS IDENTITY, table_name text NOT NULL, constraint_name text NOT NULL, definition text NOT NULL
) ON COMMIT DROP;

INSERT INTO expected_constraints (table_name, constraint_name, definition) VALUES
    ('players', 'players_pkey', 'PRIMARY KEY (id)'),
    ('player_aliases', 'player_aliases_pkey', 'PRIMARY KEY (id)'),
    ('player_review_queue', 'player_review_queue_pkey', 'PRIMARY KEY (id)'),
    ('tournaments', 'tournaments_pkey', 'PRIMARY KEY (id)'),
    ('tournament_editions', 'tournament_editions_pkey', 'PRIMARY KEY (id)'),
    ('matches', 'matches_pkey', 'PRIMARY KEY (id)'),
    ('player_elo_states', 'player_elo_states_pkey', 'PRIMARY KEY (id)'),
    ('elo_parameter_sets', 'elo_parameter_sets_pkey', 'PRIMARY KEY (id)'),
    ('scrape_queue', 'scrape_queue_pkey', 'PRIMARY KEY (id)'),
    ('update_log', 'update_log_pkey', 'PRIMARY KEY (id)'),
    ('pipeline_checkpoints', 'pipeline_checkpoints_pkey', 'PRIMARY KEY (key)'),
    ('pipeline_runs', 'pipeline_runs_pkey', 'PRIMARY KEY (id)'),
    ('pipeline_stage_runs', 'pipeline_stage_runs_pkey', 'PRIMARY KEY (id)'),
    ('players', 'players_atp_id_key', 'UNIQUE (atp_id)'),
    ('players', 'players_itf_id_key', 'UNIQUE (itf_id)'),
    ('players', 'players_wta_id_key', 'UNIQUE (wta_id)'),
    ('player_aliases', 'uq_player_alias_source', 'UNIQUE (alias, source)'),
    ('tournaments', 'uq_tournament_code_tour_gender', 'UNIQUE (tournament_code, tour, gender)'),
    ('tournament_editions', 'uq_tournament_year', 'UNIQUE (tournament_id, year)'),
    ('matches', 'matches_external_id_key', 'UNIQUE (external_id)'),
    ('player_elo_states', 'player_elo_states_player_id_key', 'UNIQUE (player_id)'),
    ('elo_parameter_sets', 'elo_parameter_sets_name_key', 'UNIQUE (name)'),
    ('pipeline_runs', 'pipeline_runs_run_id_key', 'UNIQUE (run_id)'),
    ('scrape_queue', 'ck_priority_range', 'CHECK (((priority >= 1) AND (priority <= 10)))'),
    ('player_aliases', 'player_aliases_player_id_fkey', 'FOREIGN KEY (player_id) REFERENCES players(id) ON DELETE CASCADE'),
    ('player_review_queue', 'player_review_queue_resolved_player_id_fkey', 'FOREIGN KEY (resolved_player_id) REFERENCES players(id)'),
    ('player_review_queue', 'player_review_queue_suggested_player_1_id_fkey', 'FOREIGN KEY (suggested_player_1_id) REFERENCES players(id)'),
    ('player_review_queue', 'player_review_queue_suggested_player_2_id_fkey', 'FOREIGN KEY (suggested_player_2_id) REFERENCES players(id)'),
    ('player_review_queue', 'player_review_queue_suggested_player_3_id_fkey', 'FOREIGN KEY (suggested_player_3_id) REFERENCES players(id)'),
    ('tournament_editions', 'tournament_editions_tournament_id_fkey', 'FOREIGN KEY (tournament_id) REFERENCES tournaments(id)'),
    ('matches', 'matches_player_a_id_fkey', 'FOREIGN KEY (player_a_id) REFERENCES players(id)'),
    ('matches', 'matches_player_b_id_fkey', 'FOREIGN KEY (player_b_id) REFERENCES players(id)'),
    ('matches', 'matches_tournament_edition_id_fkey', 'FOREIGN KEY (tournament_edition_id) REFERENCES tournament_editions(id)'),
    ('matches', 'matches_winner_id_fkey', 'FOREIGN KEY (winner_id) REFERENCES players(id)'),
    ('player_elo_states', 'player_elo_states_player_id_fkey', 'FOREIGN KEY (player_id) REFERENCES players(id)'),
    ('pipeline_stage_runs', 'pipeline_stage_runs_run_id_fkey', 'FOREIGN KEY (run_id) REFERENCES pipeline_runs(run_id) ON DELETE CASCADE');

DO $constraints$
DECLARE
    expected record;
BEGIN
    FOR expected IN SELECT * FROM expected_constraints ORDER BY number
    LOOP
        IF NOT EXISTS (
            SELECT FROM pg_constraint AS existing
            WHERE existing.conrelid = to_regclass(quote_ident(expected.table_name))
              AND (existing.conname = expected.constraint_name
                   OR pg_get_constraintdef(existing.oid) = expected.definition
                   OR (existing.contype = 'p' AND expected.definition LIKE 'PRIMARY KEY%'))
        ) THEN
            EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s',
                expected.table_name, expected.constraint_name, expected.definition);
        END IF;
    END LOOP;
END
$constraints$;

CREATE INDEX IF NOT EXISTS idx_player_aliases_alias ON player_aliases (alias);
CREATE INDEX IF NOT EXISTS idx_review_queue_status ON player_review_queue (status, created_at);
CREATE INDEX IF NOT EXISTS idx_matches_draw ON matches (tournament_edition_id, round, draw_position);
CREATE INDEX IF NOT EXISTS idx_matches_match_date ON matches (match_date);
CREATE INDEX IF NOT EXISTS idx_matches_player_a ON matches (player_a_id);
CREATE INDEX IF NOT EXISTS idx_matches_player_b ON matches (player_b_id);
CREATE INDEX IF NOT EXISTS idx_matches_scheduled_date ON matches (scheduled_date);
CREATE INDEX IF NOT EXISTS idx_matches_status ON matches (status);
CREATE INDEX IF NOT EXISTS idx_matches_tournament ON matches (tournament_edition_id);
CREATE INDEX IF NOT EXISTS ix_matches_temporal_order ON matches (temporal_order);
CREATE INDEX IF NOT EXISTS ix_player_elo_states_last_temporal_order ON player_elo_states (last_temporal_order);
CREATE INDEX IF NOT EXISTS idx_elo_parameter_sets_active ON elo_parameter_sets (is_active);
CREATE INDEX IF NOT EXISTS idx_scrape_queue_status ON scrape_queue (status, priority, created_at);
CREATE INDEX IF NOT EXISTS idx_update_log_type_date ON update_log (update_type, created_at);
CREATE INDEX IF NOT EXISTS idx_pipeline_runs_started_at ON pipeline_runs (started_at);
CREATE INDEX IF NOT EXISTS idx_pipeline_runs_status_started_at ON pipeline_runs (status, started_at);
CREATE INDEX IF NOT EXISTS idx_pipeline_stage_runs_run_stage ON pipeline_stage_runs (run_id, stage_name);
CREATE INDEX IF NOT EXISTS idx_pipeline_stage_runs_stage_started_at ON pipeline_stage_runs (stage_name, started_at);

-- Fuzzy names are faster with pg_trgm. Everything works without it: where the extension is not installed or may not be
-- created by this role, the index is left out.
DO $trigrams$
DECLARE
    extension_schema text;
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        BEGIN
            CREATE EXTENSION IF NOT EXISTS pg_trgm;
        EXCEPTION WHEN insufficient_privilege OR feature_not_supported THEN
            RAISE WARNING 'pg_trgm cannot be created by this role: fuzzy names will be slower';
        END;
    END IF;
    SELECT namespace.nspname INTO extension_schema
    FROM pg_extension AS extension
    JOIN pg_namespace AS namespace ON namespace.oid = extension.extnamespace
    WHERE extension.extname = 'pg_trgm';
    IF FOUND THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS idx_player_aliases_alias_trgm ON player_aliases USING gin (alias %I.gin_trgm_ops)',
            extension_schema);
    END IF;
END
$trigrams$;
