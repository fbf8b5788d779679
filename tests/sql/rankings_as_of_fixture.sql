-- On top of made-up matches: women, a parameter set by which they begin lower, two matches without a known date, one of an
-- impossible date, one without match_date, and one that is not played yet.
UPDATE tournaments SET tour = 'WTA', level = 'WTA 250' WHERE id IN (2, 4);
INSERT INTO elo_parameter_sets (name, params, source, is_active) VALUES ('set', '{"start_elo_women": 1400.5}', 'test', true);
UPDATE matches SET temporal_order = 999912310000130, match_date = NULL WHERE id IN (20, 900);
UPDATE matches SET temporal_order = 202102310000130 WHERE id = 500;
UPDATE matches SET match_date = NULL WHERE id = 700;
UPDATE matches SET status = 'upcoming', winner_id = NULL, score_structured = NULL WHERE id = 800;
