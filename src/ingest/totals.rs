//! The sums of a run, and what they are called in the metrics.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::archive::Archive;
use super::catalogue::Catalogue;
use super::counts::{Counts, NotUnderstood, count};
use super::discover::Found;
use super::import::Outcome;
use crate::pipeline::metrics::Metrics;

/// The account of one file: accepted + rejected + duplicates + out_of_range = rows_read.
#[derive(Debug, Clone, Serialize)]
pub struct FileCounts {
    /// The file.
    pub file: PathBuf,
    /// Records in it.
    pub rows_read: u64,
    /// Records that are matches now.
    pub accepted: u64,
    /// Records that cannot be used.
    pub rejected: u64,
    /// Records that repeat a match.
    pub duplicates: u64,
    /// Records outside `--from` and `--until`.
    pub out_of_range: u64,
    /// New matches.
    pub inserted: u64,
    /// Matches that were there with other content.
    pub updated: u64,
    /// Matches that were there as they are.
    pub unchanged: u64,
}

impl FileCounts {
    /// The account of `archive` after `outcome`.
    pub fn new(file: PathBuf, archive: &Archive, outcome: &Outcome) -> Self {
        Self {
            file,
            rows_read: archive.counts.rows_read,
            accepted: outcome.accepted(),
            rejected: outcome.rejects.len() as u64,
            duplicates: outcome.duplicates,
            out_of_range: archive.counts.out_of_range,
            inserted: outcome.inserted,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
        }
    }
}

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
    scores_unfinished: u64,
    players_created: u64,
    players_linked: u64,
    tournaments_created: u64,
    editions_created: u64,
}

impl Totals {
    /// Adds one file.
    pub fn add(&mut self, counts: FileCounts, archive: &Archive, catalogue: &Catalogue, outcome: &Outcome) {
        for reject in &outcome.rejects {
            count(&mut self.rejected, reject.reason.code());
        }
        self.not_understood.add(&archive.counts.not_understood);
        self.scores_unfinished += archive.counts.scores_unfinished;
        self.players_created += catalogue.players_created;
        self.players_linked += catalogue.players_linked;
        self.tournaments_created += catalogue.tournaments_created;
        self.editions_created += catalogue.editions_created;
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
            records_skipped: self.sum(|file| file.duplicates + file.out_of_range),
            records_failed: self.sum(|file| file.rejected),
            ..Metrics::default()
        };
        metrics.set("matches_inserted", self.sum(|file| file.inserted));
        metrics.set("matches_updated", self.sum(|file| file.updated));
        metrics.set("matches_unchanged", self.sum(|file| file.unchanged));
        metrics.set("duplicates", self.sum(|file| file.duplicates));
        metrics.set("skipped_out_of_range", self.sum(|file| file.out_of_range));
        metrics.set("rejected", json!(self.rejected));
        metrics.set("unknown_levels", json!(self.not_understood.levels));
        metrics.set("unknown_rounds", json!(self.not_understood.rounds));
        metrics.set("scores_not_understood", json!(self.not_understood.scores));
        metrics.set("scores_unfinished_unmarked", self.scores_unfinished);
        metrics.set("players_created", self.players_created);
        metrics.set("players_linked", self.players_linked);
        metrics.set("tournaments_created", self.tournaments_created);
        metrics.set("editions_created", self.editions_created);
        metrics.set("tasks_cleared", self.tasks_cleared);
        metrics.set("tasks_queued", self.found.queued());
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
