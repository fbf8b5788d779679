//! What became of the records of a file.

use std::path::PathBuf;

use serde::Serialize;

use super::counts::{Counts, NotUnderstood};
use super::rejects::Reject;

/// What became of a file's records: accepted + rejected + duplicates + out of range + waiting = read.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Records in the file.
    pub rows_read: u64,
    /// New matches.
    pub inserted: u64,
    /// Matches that were there with other content.
    pub updated: u64,
    /// Matches that were there as they are.
    pub unchanged: u64,
    /// Records that repeat a match of this file or another.
    pub duplicates: u64,
    /// Records outside the bounds.
    pub out_of_range: u64,
    /// Records of an order of play whose match is not there yet.
    pub waiting: u64,
    /// Records that cannot be used.
    pub rejects: Vec<Reject>,
    /// Accepted records of which something is not understood.
    pub not_understood: NotUnderstood,
    /// Accepted records whose score stops before the end without a mark.
    pub scores_unfinished: u64,
    /// Draw records that name another pair than the one that played.
    pub superseded: u64,
    /// Entries of the review queue that the file waits for.
    pub review_ids: Vec<i32>,
    /// New entries of the review queue.
    pub reviews_created: u64,
    /// Players that were not there.
    pub players_created: u64,
    /// Players that were there, known by another source.
    pub players_linked: u64,
    /// Tournaments that were not there.
    pub tournaments_created: u64,
    /// Editions that were not there.
    pub editions_created: u64,
    /// Events of another level than their tournament has, which stays, by level.
    pub levels_kept: Counts,
}

impl Outcome {
    /// Records that say what is in the database now.
    pub fn accepted(&self) -> u64 {
        let others = self.rejects.len() as u64 + self.duplicates + self.out_of_range + self.waiting;
        self.rows_read.saturating_sub(others)
    }
}

/// The account of one file in the metrics.
#[derive(Debug, Clone, Serialize)]
pub struct FileCounts {
    /// The file.
    pub file: PathBuf,
    /// See [`Outcome`], also of the others.
    pub rows_read: u64,
    /// Records that say what is in the database now.
    pub accepted: u64,
    /// Records that cannot be used.
    pub rejected: u64,
    /// Records that repeat a match.
    pub duplicates: u64,
    /// Records outside `--from` and `--until`.
    pub out_of_range: u64,
    /// Records of an order of play whose match is not there yet.
    pub waiting: u64,
    /// New matches.
    pub inserted: u64,
    /// Matches that were there with other content.
    pub updated: u64,
    /// Matches that were there as they are.
    pub unchanged: u64,
}

impl FileCounts {
    /// The account of `file`.
    pub fn new(file: PathBuf, outcome: &Outcome) -> Self {
        Self {
            file,
            rows_read: outcome.rows_read,
            accepted: outcome.accepted(),
            rejected: outcome.rejects.len() as u64,
            duplicates: outcome.duplicates,
            out_of_range: outcome.out_of_range,
            waiting: outcome.waiting,
            inserted: outcome.inserted,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
        }
    }
}
