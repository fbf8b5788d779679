//! A batch: what a part of the history comes to, written in one transaction together with the checkpoint.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::params::Parameters;
use super::rating::{PlayerState, Ratings};
use super::replay::Position;
use super::store::Cursor;

/// What every batch of a run shares.
pub struct Plan<'a> {
    /// Where another session can be opened.
    pub database_url: &'a str,
    /// The parameters in force.
    pub parameters: &'a Parameters,
    /// The checkpoint's key.
    pub checkpoint_key: &'a str,
    /// The run's clock.
    pub now: OffsetDateTime,
    /// Matches in a batch.
    pub batch_size: u32,
    /// Write nothing.
    pub dry_run: bool,
}

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ratable matches read.
    pub matches_read: u64,
    /// Matches rated that had no rating.
    pub matches_rated: u64,
    /// Matches of which the stored rating changed.
    pub matches_rerated: u64,
    /// Matches rated again with the stored result.
    pub matches_confirmed: u64,
    /// Matches that lost their rating.
    pub matches_cleared: u64,
    /// Unplayed matches that got new pre-match ratings.
    pub unplayed_written: u64,
    /// Player states written or deleted.
    pub states_written: u64,
    /// Pending rows of matches that are not rated.
    pub unplaced: u64,
    /// Finished matches that cannot be rated, by reason, with their ids.
    pub unratable: BTreeMap<String, Vec<i32>>,
    /// Matches of levels that are not in the table.
    pub unknown_levels: BTreeMap<String, u64>,
    /// Structured scores that could not be read.
    pub unreadable_scores: u64,
}

/// A match's new ratings.
#[derive(Debug, Clone, Copy)]
pub struct Rated {
    /// The match.
    pub match_id: i32,
    /// What is stored with it from now on.
    pub ratings: Ratings,
    /// It carries the legacy mark, which goes.
    pub marked: bool,
}

/// What a part of the history comes to.
#[derive(Debug, Default)]
pub struct Batch {
    /// Matches whose row has to be written.
    pub rated: Vec<Rated>,
    /// Players whose stored state has to be written.
    pub states: Vec<(i32, PlayerState)>,
    /// Players whose stored state has to go.
    pub states_gone: Vec<i32>,
    /// Players whose stored state has to be made from their matches when these are written, and what it is now.
    pub states_to_derive: Vec<(i32, Option<PlayerState>)>,
    /// States of players without any ratable match may be left from before, and have to go.
    pub sweeps_states: bool,
    /// The pending rows that are done with it.
    pub pending_done: Vec<i64>,
    /// Where the pass goes on; None: it has ended.
    pub goes_on: Option<Position>,
    /// The checkpoint's cursor after it.
    pub cursor: Cursor,
    /// What was counted.
    pub counts: Counts,
}
