-- The tables of a running Teelo system, made by hand as its own migrations have left them (not by teelo's): what the
-- tests adopt, and what teelo's migrations must create on an empty database, but for idx_matches_elo_pending.
CREATE TABLE players (
    id serial,
    canonical_name character varying(255) NOT NULL,
    atp_id character varying(20),
    wta_id character varying(20),
    itf_id character varying(20),
    nationality_ioc character varying(3),
    birth_date date,
    turned_pro_year integer,
    hand character varying(15),
    backhand character varying(20),
    height_cm integer,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    CONSTRAINT players_pkey PRIMARY KEY (id),
    CONSTRAINT players_atp_id_key UNIQUE (atp_id),
    CONSTRAINT players_itf_id_key UNIQUE (itf_id),
    CONSTRAINT players_wta_id_key UNIQUE (wta_id)
);

CREATE TABLE player_aliases (
    id serial,
    player_id integer NOT NULL,
    alias character varying(255) NOT NULL,
    source character varying(50) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    CONSTRAINT player_aliases_pkey PRIMARY KEY (id),
    CONSTRAINT uq_player_alias_source UNIQUE (alias, source),
    CONSTRAINT player_aliases_player_id_fkey FOREIGN KEY (player_id) REFERENCES players(id) ON DELETE CASCADE
);

CREATE INDEX idx_player_aliases_alias ON player_aliases USING btree (alias);

CREATE TABLE player_review_queue (
    id serial,
    scraped_name character varying(255) NOT NULL,
    scraped_source character varying(50) NOT NULL,
    scraped_external_id character varying(50),
    match_external_id character varying(100),
    tournament_name character varying(255),
    suggested_player_1_id integer,
    suggested_player_1_confidence numeric(5,4),
    suggested_player_2_id integer,
    suggested_player_2_confidence numeric(5,4),
    suggested_player_3_id integer,
    suggested_player_3_confidence numeric(5,4),
    status character varying(20) NOT NULL,
    resolved_player_id integer,
    resolved_by character varying(100),
    resolved_at timestamp without time zone,
    created_at timestamp without time zone NOT NULL,
    CONSTRAINT player_review_queue_pkey PRIMARY KEY (id),
    CONSTRAINT player_review_queue_resolved_player_id_fkey FOREIGN KEY (resolved_player_id) REFERENCES players(id),
    CONSTRAINT player_review_queue_suggested_player_1_id_fkey FOREIGN KEY (suggested_player_1_id) REFERENCES players(id),
    CONSTRAINT player_review_queue_suggested_player_2_id_fkey FOREIGN KEY (suggested_player_2_id) REFERENCES players(id),
    CONSTRAINT player_review_queue_suggested_player_3_id_fkey FOREIGN KEY (suggested_player_3_id) REFERENCES players(id)
);

CREATE INDEX idx_review_queue_status ON player_review_queue USING btree (status, created_at);

CREATE TABLE tournaments (
    id serial,
    tournament_code character varying(30) NOT NULL,
    name character varying(255) NOT NULL,
    tour character varying(15) NOT NULL,
    level character varying(30) NOT NULL,
    city character varying(100),
    country character varying(100),
    country_ioc character varying(3),
    surface character varying(20),
    indoor_outdoor character varying(10),
    atp_link character varying(255),
    wta_link character varying(255),
    itf_link character varying(255),
    betting_link character varying(255),
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    gender character varying(10),
    CONSTRAINT tournaments_pkey PRIMARY KEY (id),
    CONSTRAINT uq_tournament_code_tour_gender UNIQUE (tournament_code, tour, gender)
);

CREATE TABLE tournament_editions (
    id serial,
    tournament_id integer NOT NULL,
    year integer NOT NULL,
    start_date date,
    end_date date,
    surface character varying(20),
    draw_size integer,
    prize_money_usd integer,
    atp_edition_id character varying(50),
    wta_edition_id character varying(50),
    itf_edition_id character varying(50),
    created_at timestamp without time zone NOT NULL,
    CONSTRAINT tournament_editions_pkey PRIMARY KEY (id),
    CONSTRAINT uq_tournament_year UNIQUE (tournament_id, year),
    CONSTRAINT tournament_editions_tournament_id_fkey FOREIGN KEY (tournament_id) REFERENCES tournaments(id)
);

CREATE TABLE matches (
    id serial,
    external_id character varying(100),
    source character varying(20) NOT NULL,
    tournament_edition_id integer,
    round character varying(20),
    match_number integer,
    player_a_id integer NOT NULL,
    player_b_id integer NOT NULL,
    scheduled_date date,
    scheduled_datetime timestamp without time zone,
    court character varying(100),
    odds_a numeric(6,3),
    odds_b numeric(6,3),
    odds_source character varying(50),
    odds_updated_at timestamp without time zone,
    prediction_a numeric(5,4),
    prediction_model_version character varying(50),
    prediction_updated_at timestamp without time zone,
    winner_id integer,
    score character varying(100),
    score_structured jsonb,
    match_date date,
    match_datetime timestamp without time zone,
    duration_minutes integer,
    retirement_set integer,
    stats jsonb,
    status character varying(20) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    temporal_order bigint,
    match_date_estimated boolean DEFAULT false NOT NULL,
    draw_position integer,
    player_a_seed integer,
    player_b_seed integer,
    elo_pre_player_a numeric(8,2),
    elo_pre_player_b numeric(8,2),
    elo_post_player_a numeric(8,2),
    elo_post_player_b numeric(8,2),
    elo_params_version character varying(64),
    elo_processed_at timestamp without time zone,
    elo_needs_recompute boolean DEFAULT false NOT NULL,
    CONSTRAINT matches_pkey PRIMARY KEY (id),
    CONSTRAINT matches_external_id_key UNIQUE (external_id),
    CONSTRAINT matches_player_a_id_fkey FOREIGN KEY (player_a_id) REFERENCES players(id),
    CONSTRAINT matches_player_b_id_fkey FOREIGN KEY (player_b_id) REFERENCES players(id),
    CONSTRAINT matches_tournament_edition_id_fkey FOREIGN KEY (tournament_edition_id) REFERENCES tournament_editions(id),
    CONSTRAINT matches_winner_id_fkey FOREIGN KEY (winner_id) REFERENCES players(id)
);

CREATE INDEX idx_matches_draw ON matches USING btree (tournament_edition_id, round, draw_position);
CREATE INDEX idx_matches_elo_pending ON matches USING btree (temporal_order, id) WHERE (((status)::text = ANY ((ARRAY['completed'::character varying, 'retired'::character varying, 'walkover'::character varying, 'default'::character varying])::text[])) AND (winner_id IS NOT NULL) AND (temporal_order IS NOT NULL) AND ((elo_post_player_a IS NULL) OR (elo_post_player_b IS NULL) OR (elo_needs_recompute = true)));
CREATE INDEX idx_matches_match_date ON matches USING btree (match_date);
CREATE INDEX idx_matches_player_a ON matches USING btree (player_a_id);
CREATE INDEX idx_matches_player_b ON matches USING btree (player_b_id);
CREATE INDEX idx_matches_scheduled_date ON matches USING btree (scheduled_date);
CREATE INDEX idx_matches_status ON matches USING btree (status);
CREATE INDEX idx_matches_tournament ON matches USING btree (tournament_edition_id);
CREATE INDEX ix_matches_temporal_order ON matches USING btree (temporal_order);

CREATE TABLE player_elo_states (
    id serial,
    player_id integer NOT NULL,
    rating numeric(8,2) NOT NULL,
    match_count integer DEFAULT 0 NOT NULL,
    last_match_date date,
    last_temporal_order bigint,
    career_peak numeric(8,2) NOT NULL,
    updated_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT player_elo_states_pkey PRIMARY KEY (id),
    CONSTRAINT player_elo_states_player_id_key UNIQUE (player_id),
    CONSTRAINT player_elo_states_player_id_fkey FOREIGN KEY (player_id) REFERENCES players(id)
);

CREATE INDEX ix_player_elo_states_last_temporal_order ON player_elo_states USING btree (last_temporal_order);

CREATE TABLE elo_parameter_sets (
    id serial,
    name character varying(100) NOT NULL,
    params jsonb NOT NULL,
    source character varying(30) NOT NULL,
    is_active boolean DEFAULT false NOT NULL,
    created_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT elo_parameter_sets_pkey PRIMARY KEY (id),
    CONSTRAINT elo_parameter_sets_name_key UNIQUE (name)
);

CREATE INDEX idx_elo_parameter_sets_active ON elo_parameter_sets USING btree (is_active);

CREATE TABLE scrape_queue (
    id serial,
    task_type character varying(50) NOT NULL,
    task_params jsonb NOT NULL,
    priority integer NOT NULL,
    status character varying(20) NOT NULL,
    attempts integer NOT NULL,
    max_attempts integer NOT NULL,
    last_error text,
    next_retry_at timestamp without time zone,
    created_at timestamp without time zone NOT NULL,
    started_at timestamp without time zone,
    completed_at timestamp without time zone,
    CONSTRAINT ck_priority_range CHECK (((priority >= 1) AND (priority <= 10))),
    CONSTRAINT scrape_queue_pkey PRIMARY KEY (id)
);

CREATE INDEX idx_scrape_queue_status ON scrape_queue USING btree (status, priority, created_at);

CREATE TABLE update_log (
    id serial,
    update_type character varying(50) NOT NULL,
    details jsonb,
    success boolean NOT NULL,
    error_message text,
    duration_seconds numeric(10,2),
    created_at timestamp without time zone NOT NULL,
    CONSTRAINT update_log_pkey PRIMARY KEY (id)
);

CREATE INDEX idx_update_log_type_date ON update_log USING btree (update_type, created_at);

CREATE TABLE pipeline_checkpoints (
    key character varying(120) NOT NULL,
    value_json jsonb NOT NULL,
    updated_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT pipeline_checkpoints_pkey PRIMARY KEY (key)
);

CREATE TABLE pipeline_runs (
    id serial,
    run_id character varying(64) NOT NULL,
    started_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    ended_at timestamp without time zone,
    status character varying(20) NOT NULL,
    summary_json jsonb,
    CONSTRAINT pipeline_runs_pkey PRIMARY KEY (id),
    CONSTRAINT pipeline_runs_run_id_key UNIQUE (run_id)
);

CREATE INDEX idx_pipeline_runs_started_at ON pipeline_runs USING btree (started_at);
CREATE INDEX idx_pipeline_runs_status_started_at ON pipeline_runs USING btree (status, started_at);

CREATE TABLE pipeline_stage_runs (
    id serial,
    run_id character varying(64) NOT NULL,
    stage_name character varying(80) NOT NULL,
    started_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    ended_at timestamp without time zone,
    status character varying(20) NOT NULL,
    metrics_json jsonb,
    error_text text,
    CONSTRAINT pipeline_stage_runs_pkey PRIMARY KEY (id),
    CONSTRAINT pipeline_stage_runs_run_id_fkey FOREIGN KEY (run_id) REFERENCES pipeline_runs(run_id) ON DELETE CASCADE
);

CREATE INDEX idx_pipeline_stage_runs_run_stage ON pipeline_stage_runs USING btree (run_id, stage_name);
CREATE INDEX idx_pipeline_stage_runs_stage_started_at ON pipeline_stage_runs USING btree (stage_name, started_at);

-- The extension is not installed with every server.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX idx_player_aliases_alias_trgm ON player_aliases USING gin (alias gin_trgm_ops);
    END IF;
END
$$;
