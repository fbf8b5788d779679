-- Other parameters: every rating changes.
INSERT INTO elo_parameter_sets (name, params, source, is_active)
VALUES ('bench', '{"K_F": 150, "K_A": 120, "decay_rate": 0.08}', 'bench', true);
