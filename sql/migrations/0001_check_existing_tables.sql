-- A database that already has Teelo's tables is adopted as it is. Before anything is created, this migration looks at
-- the tables that exist: a column of another type than ours stops the migration with its name; a column that is
-- missing is added. An empty database passes unchanged.

-- What every column must be: the type, and the default that a missing column is added with.
CREATE TEMPORARY TABLE expected_columns (
    table_name text NOT NULL, column_name text NOT NULL, type text NOT NULL, nullable boolean NOT NULL, default_value text
) ON COMMIT DROP;

INSERT INTO expected_columns VALUES
    ('players', 'id', 'integer', false, NULL),
    ('players', 'canonical_name', 'character varying(255)', false, NULL),
    ('players', 'atp_id', 'character varying(20)', true, NULL),
    ('players', 'wta_id', 'character varying(20)', true, NULL),
    ('players', 'itf_id', 'character varying(20)', true, NULL),
    ('players', 'nationality_ioc', 'character varying(3)', true, NULL),
    ('players', 'birth_date', 'date', true, NULL),
    ('players', 'turned_pro_year', 'integer', true, NULL),
    ('players', 'hand', 'character varying(15)', true, NULL),
    ('players', 'backhand', 'character varying(20)', true, NULL),
    ('players', 'height_cm', 'integer', true, NULL),
    ('players', 'created_at', 'timestamp without time zone', false, NULL),
    ('players', 'updated_at', 'timestamp without time zone', false, NULL),
    ('player_aliases', 'id', 'integer', false, NULL),
    ('player_aliases', 'player_id', 'integer', false, NULL),
    ('player_aliases', 'alias', 'character varying(255)', false, NULL),
    ('player_aliases', 'source', 'character varying(50)', false, NULL),
    ('player_aliases', 'created_at', 'timestamp without time zone', false, NULL),
    ('player_review_queue', 'id', 'integer', false, NULL),
    ('player_review_queue', 'scraped_name', 'character varying(255)', false, NULL),
    ('player_review_queue', 'scraped_source', 'character varying(50)', false, NULL),
    ('player_review_queue', 'scraped_external_id', 'character varying(50)', true, NULL),
    ('player_review_queue', 'match_external_id', 'character varying(100)', true, NULL),
    ('player_review_queue', 'tournament_name', 'character varying(255)', true, NULL),
    ('player_review_queue', 'suggested_player_1_id', 'integer', true, NULL),
    ('player_review_queue', 'suggested_player_1_confidence', 'numeric(5,4)', true, NULL),
    ('player_review_queue', 'suggested_player_2_id', 'integer', true, NULL),
    ('player_review_queue', 'suggested_player_2_confidence', 'numeric(5,4)', true, NULL),
    ('player_review_queue', 'suggested_player_3_id', 'integer', true, NULL),
    ('player_review_queue', 'suggested_player_3_confidence', 'numeric(5,4)', true, NULL),
    ('player_review_queue', 'status', 'character varying(20)', false, NULL),
    ('player_review_queue', 'resolved_player_id', 'integer', true, NULL),
    ('player_review_queue', 'resolved_by', 'character varying(100)', true, NULL),
    ('player_review_queue', 'resolved_at', 'timestamp without time zone', true, NULL),
    ('player_review_queue', 'created_at', 'timestamp without time zone', false, NULL),
    ('tournaments', 'id', 'integer', false, NULL),
    ('tournaments', 'tournament_code', 'character varying(30)', false, NULL),
    ('tournaments', 'name', 'character varying(255)', false, NULL),
    ('tournaments', 'tour', 'character varying(15)', false, NULL),
    ('tournaments', 'level', 'character varying(30)', false, NULL),
    ('tournaments', 'city', 'character varying(100)', true, NULL),
    ('tournaments', 'country', 'character varying(100)', true, NULL),
    ('tournaments', 'country_ioc', 'character varying(3)', true, NULL),
    ('tournaments', 'surface', 'character varying(20)', true, NULL),
    ('tournaments', 'indoor_outdoor', 'character varying(10)', true, NULL),
    ('tournaments', 'atp_link', 'character varying(255)', true, NULL),
    ('tournaments', 'wta_link', 'character varying(255)', true, NULL),
    ('tournaments', 'itf_link', 'character varying(255)', true, NULL),
    ('tournaments', 'betting_link', 'character varying(255)', true, NULL),
    ('tournaments', 'created_at', 'timestamp without time zone', false, NULL),
    ('tournaments', 'updated_at', 'timestamp without time zone', false, NULL),
    ('tournaments', 'gender', 'character varying(10)', true, NULL),
    ('tournament_editions', 'id', 'integer', false, NULL),
    ('tournament_editions', 'tournament_id', 'integer', false, NULL),
    ('tournament_editions', 'year', 'integer', false, NULL),
    ('tournament_editions', 'start_date', 'date', true, NULL),
    ('tournament_editions', 'end_date', 'date', true, NULL),
    ('tournament_editions', 'surface', 'character varying(20)', true, NULL),
    ('tournament_editions', 'draw_size', 'integer', true, NULL),
    ('tournament_editions', 'prize_money_usd', 'integer', true, NULL),
    ('tournament_editions', 'atp_edition_id', 'character varying(50)', true, NULL),
    ('tournament_editions', 'wta_edition_id', 'character varying(50)', true, NULL),
    ('tournament_editions', 'itf_edition_id', 'character varying(50)', true, NULL),
    ('tournament_editions', 'created_at', 'timestamp without time zone', false, NULL),
    ('matches', 'id', 'integer', false, NULL),
    ('matches', 'external_id', 'character varying(100)', true, NULL),
    ('matches', 'source', 'character varying(20)', false, NULL),
    ('matches', 'tournament_edition_id', 'integer', true, NULL),
    ('matches', 'round', 'character varying(20)', true, NULL),
    ('matches', 'match_number', 'integer', true, NULL),
    ('matches', 'player_a_id', 'integer', false, NULL),
    ('matches', 'player_b_id', 'integer', false, NULL),
    ('matches', 'scheduled_date', 'date', true, NULL),
    ('matches', 'scheduled_datetime', 'timestamp without time zone', true, NULL),
    ('matches', 'court', 'character varying(100)', true, NULL),
    ('matches', 'odds_a', 'numeric(6,3)', true, NULL),
    ('matches', 'odds_b', 'numeric(6,3)', true, NULL),
    ('matches', 'odds_source', 'character varying(50)', true, NULL),
    ('matches', 'odds_updated_at', 'timestamp without time zone', true, NULL),
    ('matches', 'prediction_a', 'numeric(5,4)', true, NULL),
    ('matches', 'prediction_model_version', 'character varying(50)', true, NULL),
    ('matches', 'prediction_updated_at', 'timestamp without time zone', true, NULL),
    ('matches', 'winner_id', 'integer', true, NULL),
    ('matches', 'score', 'character varying(100)', true, NULL),
    ('matches', 'score_structured', 'jsonb', true, NULL),
    ('matches', 'match_date', 'date', true, NULL),
    ('matches', 'match_datetime', 'timestamp without time zone', true, NULL),
    ('matches', 'duration_minutes', 'integer', true, NULL),
    ('matches', 'retirement_set', 'integer', true, NULL),
    ('matches', 'stats', 'jsonb', true, NULL),
    ('matches', 'status', 'character varying(20)', false, NULL),
    ('matches', 'created_at', 'timestamp without time zone', false, NULL),
    ('matches', 'updated_at', 'timestamp without time zone', false, NULL),
    ('matches', 'temporal_order', 'bigint', true, NULL),
    ('matches', 'match_date_estimated', 'boolean', false, 'false'),
    ('matches', 'draw_position', 'integer', true, NULL),
    ('matches', 'player_a_seed', 'integer', true, NULL),
    ('matches', 'player_b_seed', 'integer', true, NULL),
    ('matches', 'elo_pre_player_a', 'numeric(8,2)', true, NULL),
    ('matches', 'elo_pre_player_b', 'numeric(8,2)', true, NULL),
    ('matches', 'elo_post_player_a', 'numeric(8,2)', true, NULL),
    ('matches', 'elo_post_player_b', 'numeric(8,2)', true, NULL),
    ('matches', 'elo_params_version', 'character varying(64)', true, NULL),
    ('matches', 'elo_processed_at', 'timestamp without time zone', true, NULL),
    ('matches', 'elo_needs_recompute', 'boolean', false, 'false'),
    ('player_elo_states', 'id', 'integer', false, NULL),
    ('player_elo_states', 'player_id', 'integer', false, NULL),
    ('player_elo_states', 'rating', 'numeric(8,2)', false, NULL),
    ('player_elo_states', 'match_count', 'integer', false, '0'),
    ('player_elo_states', 'last_match_date', 'date', true, NULL),
    ('player_elo_states', 'last_temporal_order', 'bigint', true, NULL),
    ('player_elo_states', 'career_peak', 'numeric(8,2)', false, NULL),
    ('player_elo_states', 'updated_at', 'timestamp without time zone', false, 'CURRENT_TIMESTAMP'),
    ('elo_parameter_sets', 'id', 'integer', false, NULL),
    ('elo_parameter_sets', 'name', 'character varying(100)', false, NULL),
    ('elo_parameter_sets', 'params', 'jsonb', false, NULL),
    ('elo_parameter_sets', 'source', 'character varying(30)', false, NULL),
    ('elo_parameter_sets', 'is_active', 'boolean', false, 'false'),
    ('elo_parameter_sets', 'created_at', 'timestamp without time zone', false, 'CURRENT_TIMESTAMP'),
    ('scrape_queue', 'id', 'integer', false, NULL),
    ('scrape_queue', 'task_type', 'character varying(50)', false, NULL),
    ('scrape_queue', 'task_params', 'jsonb', false, NULL),
    ('scrape_queue', 'priority', 'integer', false, NULL),
    ('scrape_queue', 'status', 'character varying(20)', false, NULL),
    ('scrape_queue', 'attempts', 'integer', false, NULL),
    ('scrape_queue', 'max_attempts', 'integer', false, NULL),
    ('scrape_queue', 'last_error', 'text', true, NULL),
    ('scrape_queue', 'next_retry_at', 'timestamp without time zone', true, NULL),
    ('scrape_queue', 'created_at', 'timestamp without time zone', false, NULL),
    ('scrape_queue', 'started_at', 'timestamp without time zone', true, NULL),
    ('scrape_queue', 'completed_at', 'timestamp without time zone', true, NULL),
    ('update_log', 'id', 'integer', false, NULL),
    ('update_log', 'update_type', 'character varying(50)', false, NULL),
    ('update_log', 'details', 'jsonb', true, NULL),
    ('update_log', 'success', 'boolean', false, NULL),
    ('update_log', 'error_message', 'text', true, NULL),
    ('update_log', 'duration_seconds', 'numeric(10,2)', true, NULL),
    ('update_log', 'created_at', 'timestamp without time zone', false, NULL),
    ('pipeline_checkpoints', 'key', 'character varying(120)', false, NULL),
    ('pipeline_checkpoints', 'value_json', 'jsonb', false, NULL),
    ('pipeline_checkpoints', 'updated_at', 'timestamp without time zone', false, 'CURRENT_TIMESTAMP'),
    ('pipeline_runs', 'id', 'integer', false, NULL),
    ('pipeline_runs', 'run_id', 'character varying(64)', false, NULL),
    ('pipeline_runs', 'started_at', 'timestamp without time zone', false, 'CURRENT_TIMESTAMP'),
    ('pipeline_runs', 'ended_at', 'timestamp without time zone', true, NULL),
    ('pipeline_runs', 'status', 'character varying(20)', false, NULL),
    ('pipeline_runs', 'summary_json', 'jsonb', true, NULL),
    ('pipeline_stage_runs', 'id', 'integer', false, NULL),
    ('pipeline_stage_runs', 'run_id', 'character varying(64)', false, NULL),
    ('pipeline_stage_runs', 'stage_name', 'character varying(80)', false, NULL),
    ('pipeline_stage_runs', 'started_at', 'timestamp without time zone', false, 'CURRENT_TIMESTAMP'),
    ('pipeline_stage_runs', 'ended_at', 'timestamp without time zone', true, NULL),
    ('pipeline_stage_runs', 'status', 'character varying(20)', false, NULL),
    ('pipeline_stage_runs', 'metrics_json', 'jsonb', true, NULL),
    ('pipeline_stage_runs', 'error_text', 'text', true, NULL);

DO $check$
DECLARE
    expected record;
    actual record;
    compatible boolean;
BEGIN
    FOR expected IN
        SELECT columns.*, to_regclass(quote_ident(columns.table_name)) AS relation,
               columns.type::regtype AS type_id
        FROM expected_columns AS columns
        WHERE to_regclass(quote_ident(columns.table_name)) IS NOT NULL
    LOOP
        SELECT format_type(attribute.atttypid, attribute.atttypmod) AS type, attribute.atttypid AS type_id,
               attribute.atttypmod AS modifier
        INTO actual
        FROM pg_attribute AS attribute
        WHERE attribute.attrelid = expected.relation
          AND attribute.attname = expected.column_name
          AND NOT attribute.attisdropped
          AND attribute.attnum > 0;

        IF NOT FOUND THEN
            IF NOT expected.nullable AND expected.default_value IS NULL THEN
                RAISE EXCEPTION 'table "%" has no column "%" (expected type %), and it cannot be added because it may not be null',
                    expected.table_name, expected.column_name, expected.type
                    USING HINT = 'Add the column by hand, fill it, then run the migration again.';
            END IF;
            EXECUTE format('ALTER TABLE %I ADD COLUMN %I %s %s %s', expected.table_name, expected.column_name, expected.type,
                CASE WHEN expected.default_value IS NOT NULL THEN 'DEFAULT ' || expected.default_value ELSE '' END,
                CASE WHEN expected.nullable THEN '' ELSE 'NOT NULL' END);
            CONTINUE;
        END IF;

        -- Text of any sort will do when it is wide enough, and a numeric that holds our digits.
        compatible := actual.type = expected.type
            OR (expected.type_id = 'varchar'::regtype AND actual.type_id = 'text'::regtype)
            OR (expected.type_id = 'varchar'::regtype AND actual.type_id = 'varchar'::regtype
                AND (actual.modifier = -1
                     OR actual.modifier - 4 >= substring(expected.type FROM '[0-9]+')::integer))
            OR (expected.type_id = 'numeric'::regtype AND actual.type_id = 'numeric'::regtype
                AND (actual.modifier = -1
                     OR (((actual.modifier - 4) & 2047) = substring(expected.type FROM ',([0-9]+)')::integer
                         AND (((actual.modifier - 4) >> 16) & 65535) >= substring(expected.type FROM '[0-9]+')::integer)));
        IF NOT compatible THEN
            RAISE EXCEPTION 'table "%", column "%": found type %, expected %',
                expected.table_name, expected.column_name, actual.type, expected.type
                USING HINT = 'Nothing was changed. Change the column''s type, then run the migration again.';
        END IF;
    END LOOP;
END
$check$;
