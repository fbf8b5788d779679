//! The sums of a run, and what they are called in the metrics.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::counts::{Counts, NotUnderstood, add_all, count};
use super::discover::Found;
use super::outcome::{FileCounts, Outcome};
use crate::pipeline::metrics::Metrics;

/// The sums over all files.
#[derive(Debug, Default)]
pub struct Totals {
    /// What was found in the feed folders.
    pub found: Found,
    /// Tasks dropped by `--clear-queue`.
    pub tasks_cleared: u64,
    /// Tasks that failed in this run, with the error.
    pub failed: Vec<(PathBuf, String)>,
    /// The files of this run, in the order in which they were done.
    pub files: Vec<FileCounts>,
    rejected: Counts,
    not_understood: NotUnderstood,
    levels_kept: Counts,
    scores_unfinished: u64,
    superseded: u64,
    reviews_created: u64,
    players_created: u64,
    players_linked: u64,
    tournaments_created: u64,
    editions_created: u64,
}

impl Totals {
    /// Adds one file.
    pub fn add(&mut self, counts: FileCounts, outcome: &Outcome) {
        for reject in &outcome.rejects {
            count(&mut self.rejected, reject.reason.code());
        }
        self.not_understood.add(&outcome.not_understood);
        add_all(&mut self.levels_kept, &outcome.levels_kept);
        self.scores_unfinished += outcome.scores_unfinished;
        self.superseded += outcome.superseded;
        self.reviews_created += outcome.reviews_created;
        self.players_created += outcome.players_created;
        self.players_linked += outcome.players_linked;
        self.tournaments_created += outcome.tournaments_created;
        self.editions_created += outcome.editions_created;
        self.files.push(counts);
    }

    /// The sum of one number over all files.
    pub fn sum(&self, number: impl Fn(&FileCounts) -> u64) -> u64 {
        self.files.iter().map(number).sum()
    }

    /// The metrics of the run.
    pub fn metrics(&self, duration: Duration) -> Metrics {
        let mut metrics = Metrics {
            duration_s: duration.as_secs_f64(),
            records_scanned: self.sum(|file| file.rows_read),
            records_processed: self.sum(|file| file.accepted),
            records_skipped: self.sum(|file| file.duplicates + file.out_of_range + file.waiting),
            records_failed: self.sum(|file| file.rejected),
            ..Metrics::default()
        };
        metrics.set("matches_inserted", self.sum(|file| file.inserted));
        metrics.set("matches_updated", self.sum(|file| file.updated));
        metrics.set("matches_unchanged", self.sum(|file| file.unchanged));
        metrics.set("duplicates", self.sum(|file| file.duplicates));
        metrics.set("skipped_out_of_range", self.sum(|file| file.out_of_range));
        metrics.set("schedules_waiting", self.sum(|file| file.waiting));
        metrics.set("draw_records_superseded", self.superseded);
        metrics.set("rejected", json!(self.rejected));
        metrics.set("unknown_levels", json!(self.not_understood.levels));
        metrics.set("levels_kept", json!(self.levels_kept));
        metrics.set("unknown_rounds", json!(self.not_understood.rounds));
        metrics.set("scores_not_understood", json!(self.not_understood.scores));
        metrics.set("scores_unfinished_unmarked", self.scores_unfinished);
        metrics.set("players_created", self.players_created);
        metrics.set("players_linked", self.players_linked);
        metrics.set("players_queued", self.reviews_created);
        metrics.set("tournaments_created", self.tournaments_created);
        metrics.set("editions_created", self.editions_created);
        metrics.set("tasks_cleared", self.tasks_cleared);
        metrics.set("tasks_queued", self.found.queued());
        metrics.set("tasks_due", self.found.due as u64);
        metrics.set("tasks_completed", self.files.len() as u64);
        metrics.set("tasks_failed", self.failed.len() as u64);
        metrics.set("tasks_waiting", self.found.waiting.len() as u64);
        metrics.set("tasks_failed_before", self.found.failed_before.len() as u64);
        metrics.set("files_seen", self.found.files);
        metrics.set("files_unchanged", self.found.unchanged);
        metrics.set("files_ignored", self.found.ignored);
        metrics.set("files", json!(self.files));
        metrics
    }
}
