-- An active parameter set called "the set". $1: its params as JSON text.
INSERT INTO elo_parameter_sets (name, params, source, is_active) VALUES ('the set', $1::text::jsonb, 't', true);
