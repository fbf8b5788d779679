-- As if rated, and one match with a real date.
UPDATE matches SET elo_pre_player_a = 1500, elo_pre_player_b = 1500, elo_post_player_a = 1510, elo_post_player_b = 1490,
                   elo_params_version = 'x', elo_processed_at = '2024-01-01';
UPDATE matches SET match_date = '2024-01-15', match_date_estimated = false, temporal_order = 202401150000130
WHERE external_id LIKE '%\_R32\_5\_6';
