-- Other parameters, under another name.
INSERT INTO elo_parameter_sets (name, params, source, is_active) VALUES ('another set', '{"K_G": 90}', 't', true);
