//! What a run of the stage did, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::store::{Outcome, Tried};
use crate::pipeline::metrics::Metrics;

/// The sums over all players of a run.
#[derive(Debug, Default)]
pub struct Totals {
    tried: u64,
    filled: u64,
    nothing_new: u64,
    /// Players on whom a source failed.
    pub failed: u64,
    fields: BTreeMap<&'static str, u64>,
    /// By source, then outcome.
    outcomes: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// By source, field and reason: `files.birth_date.no_date`.
    rejected: BTreeMap<String, u64>,
    /// Transactions.
    pub batches: u64,
    /// Transactions that were tried again.
    pub retries: u64,
    /// Whether somebody is due still.
    pub left_pending: bool,
    /// Answers about nobody who was asked about.
    pub answers_ignored: u64,
    /// How often the command was started.
    pub command_starts: u64,
    /// Rows of the files that are no players.
    pub unusable_rows: u64,
}

impl Totals {
    /// Adds what came of a player.
    pub fn add(&mut self, tried: &Tried) {
        self.tried += 1;
        let is_filled = tried.tries.iter().any(|one| !one.facts.is_empty());
        if tried.tries.iter().any(|one| one.outcome == Outcome::Failed) {
            self.failed += 1;
        } else if !is_filled {
            self.nothing_new += 1;
        }
        self.filled += u64::from(is_filled);
        for one in &tried.tries {
            let provider = one.provider.name();
            *self.outcomes.entry(provider).or_default().entry(one.outcome.name()).or_default() += 1;
            for field in one.facts.keys() {
                *self.fields.entry(field.name()).or_default() += 1;
            }
            for rejected in &one.rejected {
                let key = format!("{provider}.{}.{}", rejected.field.name(), rejected.reason);
                *self.rejected.entry(key).or_default() += 1;
            }
        }
    }

    /// The numbers as machines read them. Every player is one of processed, skipped and failed.
    pub fn metrics(&self, duration: Duration, dry_run: bool) -> Metrics {
        let mut metrics = Metrics {
            duration_s: duration.as_secs_f64(),
            records_scanned: self.tried,
            records_processed: self.tried - self.nothing_new - self.failed,
            records_skipped: self.nothing_new,
            records_failed: self.failed,
            ..Metrics::default()
        };
        metrics.set("players_filled", self.filled);
        metrics.set("fields_filled", json!(self.fields));
        metrics.set("outcomes", json!(self.outcomes));
        metrics.set("values_rejected", json!(self.rejected));
        metrics.set("answers_ignored", self.answers_ignored);
        metrics.set("command_starts", self.command_starts);
        metrics.set("file_rows_unusable", self.unusable_rows);
        metrics.set("batches", self.batches);
        metrics.set("retries", self.retries);
        metrics.set("left_pending", self.left_pending);
        metrics.set("dry_run", dry_run);
        metrics
    }
}
