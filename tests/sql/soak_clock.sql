-- Everything that runs have written was written five hours later.
UPDATE pipeline_runs SET started_at = started_at + interval '5 hours', ended_at = ended_at + interval '5 hours';
UPDATE pipeline_stage_runs SET started_at = started_at + interval '5 hours', ended_at = ended_at + interval '5 hours';
UPDATE pipeline_checkpoints SET updated_at = updated_at + interval '5 hours';
UPDATE feed_files SET ingested_at = ingested_at + interval '5 hours';
UPDATE scrape_queue SET created_at = created_at + interval '5 hours', started_at = started_at + interval '5 hours',
                        completed_at = completed_at + interval '5 hours';
UPDATE player_elo_states SET updated_at = updated_at + interval '5 hours';
