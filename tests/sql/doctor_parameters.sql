-- Three parameter sets of which two are active.
INSERT INTO elo_parameter_sets (name, params, source, is_active, created_at)
VALUES ('older', '{}', 'test', true, '2026-01-01'),
       ('newer', '{}', 'test', true, '2026-01-02'),
       ('idle', '{}', 'test', false, '2026-01-03');
