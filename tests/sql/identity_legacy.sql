-- Players as another program left them: without spellings.
INSERT INTO players (canonical_name, atp_id, wta_id, created_at, updated_at) VALUES
    ('Émile Duval', NULL, NULL, '2025-01-01', '2025-01-01'),
    ('Claude Moreau', 'M9', NULL, '2025-01-01', '2025-01-01'),
    ('Claude Moreau', NULL, 'W9', '2025-01-01', '2025-01-01');
INSERT INTO player_genders (player_id, gender) VALUES (1, 'men');
