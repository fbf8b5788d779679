//! `teelo verify`: replays every match in memory and compares with what is stored. It writes nothing, holds no
//! lock, and reads one moment of the database.

use std::collections::BTreeMap;

use postgres::{IsolationLevel, Transaction};
use serde::Serialize;

use super::params::Parameters;
use super::rating::{MatchInput, PlayerState};
use super::replay::{Overflow, Replay, StoredMatch, Visit};
use super::store::{self, EloColumns, LevelCodes, MatchRow, StoredState};
use crate::error::{Context, Error, Result};
use crate::report::progress::Progress;
use crate::{db, migrations};

/// Between two looks at the progress line.
const MATCHES_PER_REPORT: u64 = 10_000;

/// One stored value that is not what the replay gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// `match` or `player`.
    pub of: &'static str,
    /// The match's or the player's id.
    pub id: i32,
    /// The column.
    pub column: &'static str,
    /// What is stored; None: null, or no row.
    pub stored: Option<String>,
    /// What the replay gives; None: null, or no row.
    pub expected: Option<String>,
}

/// What was compared, and what differs.
#[derive(Debug, Default, Serialize)]
pub struct Findings {
    /// Rated matches replayed.
    pub matches: u64,
    /// Other matches that are unplayed or hold ELO values.
    pub unrated_matches: u64,
    /// Players with a rating.
    pub players: u64,
    /// Changes that the next `teelo elo` takes in; until then differences behind them are expected.
    pub pending: u64,
    /// The earliest temporal order at which something is pending.
    pub pending_from: Option<i64>,
    /// The version of the parameters.
    pub parameters_version: String,
    /// How many values differ.
    pub differences: u64,
    /// The same by table and column.
    pub differences_by_column: BTreeMap<String, u64>,
    /// The first differences.
    pub first_differences: Vec<Difference>,
    /// How many to keep.
    #[serde(skip)]
    limit: usize,
}

impl Findings {
    /// Compares one value.
    fn compare<T: PartialEq>(
        &mut self,
        (of, id): (&'static str, i32),
        column: &'static str,
        stored: Option<T>,
        expected: Option<T>,
        show: impl Fn(&T) -> String,
    ) {
        if stored == expected {
            return;
        }
        self.differences += 1;
        *self.differences_by_column.entry(format!("{of}.{column}")).or_default() += 1;
        if self.first_differences.len() < self.limit {
            let (stored, expected) = (stored.as_ref().map(&show), expected.as_ref().map(&show));
            self.first_differences.push(Difference { of, id, column, stored, expected });
        }
    }

    /// Compares the ELO columns of a match.
    fn compare_match(&mut self, id: i32, stored: &EloColumns<'_>, expected: &EloColumns<'_>) {
        if stored == expected {
            return;
        }
        let of = ("match", id);
        self.compare(of, "elo_pre_player_a", stored.pre_a, expected.pre_a, show_cents);
        self.compare(of, "elo_pre_player_b", stored.pre_b, expected.pre_b, show_cents);
        self.compare(of, "elo_post_player_a", stored.post_a, expected.post_a, show_cents);
        self.compare(of, "elo_post_player_b", stored.post_b, expected.post_b, show_cents);
        self.compare(of, "elo_params_version", stored.version, expected.version, |text| (*text).to_owned());
        let (stored, expected) = (Some(stored.needs_recompute), Some(expected.needs_recompute));
        self.compare(of, "elo_needs_recompute", stored, expected, bool::to_string);
    }

    /// Compares a player's state.
    fn compare_state(&mut self, stored: &StoredState, expected: &PlayerState) {
        let of = ("player", stored.player_id);
        self.compare(of, "rating", Some(stored.rating), Some(expected.rating), show_cents);
        let counts = (Some(stored.match_count), Some(expected.match_count));
        self.compare(of, "match_count", counts.0, counts.1, i32::to_string);
        self.compare(of, "last_match_date", stored.last_match_day, expected.last_match_day, show_day);
        let orders = (stored.last_temporal_order, Some(expected.last_temporal_order));
        self.compare(of, "last_temporal_order", orders.0, orders.1, i64::to_string);
        self.compare(of, "career_peak", Some(stored.career_peak), Some(expected.career_peak), show_cents);
    }
}

/// Replays and compares; keeps the first `limit` differences.
///
/// # Errors
/// Unreachable, a wrong parameter set, or the server's.
pub fn run(database_url: &str, limit: usize) -> Result<Findings> {
    let mut client = db::connect(database_url, "verify")?;
    migrations::require_current(&mut client)?;
    let mut snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .context(|| "opening a snapshot")?;
    let parameters = store::read_parameters(&mut snapshot)?;
    let mut findings =
        Findings { limit, parameters_version: parameters.version.clone(), ..Findings::default() };
    let pending = snapshot.query_one(include_str!("../../sql/elo/verify_pending.sql"), &[])?;
    findings.pending = pending.get::<_, i64>("pending_rows").unsigned_abs();
    findings.pending_from = pending.get("earliest_temporal_order");

    let codes = store::read_level_codes(&mut snapshot)?;
    let replay = compare_matches(&mut snapshot, &parameters, &codes, &mut findings)?;
    compare_states(&mut snapshot, &replay, &mut findings)?;
    Ok(findings)
}

/// Rates every match in order and compares it with what is stored; returns the replay at its end.
fn compare_matches(
    snapshot: &mut Transaction<'_>,
    parameters: &Parameters,
    codes: &LevelCodes,
    findings: &mut Findings,
) -> Result<Replay> {
    let mut replay = Replay::new(parameters.clone());
    replay.suspect_everything();
    let mut progress = Progress::new("verify", "matches", None);
    let mut rows = store::stream_matches(snapshot)?;
    while let Some(row) = rows.next_row()? {
        let row = store::take_match(row, codes)?;
        match row.input {
            Some(input) => {
                compare_rated(&mut replay, parameters, &row, input, findings)?;
                findings.matches += 1;
                if findings.matches.is_multiple_of(MATCHES_PER_REPORT) {
                    progress.advance(MATCHES_PER_REPORT);
                }
            }
            // These come last: the replay is at its end.
            None => compare_unrated(&replay, parameters, &row, findings),
        }
    }
    Ok(replay)
}

/// Rates the match, and compares it with what is stored.
fn compare_rated(
    replay: &mut Replay,
    parameters: &Parameters,
    row: &MatchRow<'_>,
    input: MatchInput,
    findings: &mut Findings,
) -> Result<()> {
    let columns = &row.columns;
    let stored_match = StoredMatch {
        id: row.id,
        player_a_id: row.player_a_id,
        player_b_id: row.player_b_id,
        input,
        stored: columns.ratings(),
        stale: columns.needs_recompute || columns.version != Some(&parameters.version),
    };
    let visit = replay.visit(&stored_match, false).map_err(|Overflow { match_id }| {
        Error::failed(format!("match {match_id}: the rating leaves the range of its column"))
    })?;
    if let Visit::Changed(ratings) = visit {
        findings.compare_match(row.id, columns, &EloColumns::rated(ratings, &parameters.version));
    }
    Ok(())
}

/// A match that is not rated holds nothing; an unplayed one its players' ratings of now.
fn compare_unrated(replay: &Replay, parameters: &Parameters, row: &MatchRow<'_>, findings: &mut Findings) {
    let mut expected = EloColumns::default();
    if row.unplayed {
        let start = parameters.start_cents(row.code.is_some_and(|code| code.women));
        let current = |player_id| replay.state(player_id).map_or(start, |state| state.rating);
        expected.pre_a = Some(current(row.player_a_id));
        expected.pre_b = Some(current(row.player_b_id));
    }
    if row.unplayed || row.columns != expected {
        findings.compare_match(row.id, &row.columns, &expected);
        findings.unrated_matches += 1;
    }
}

/// Compares the stored states with those at the end of the replay.
fn compare_states(snapshot: &mut Transaction<'_>, replay: &Replay, findings: &mut Findings) -> Result<()> {
    let mut missing: BTreeMap<i32, &PlayerState> = replay.states().collect();
    findings.players = missing.len() as u64;
    let mut rows = store::stream_states(snapshot)?;
    while let Some(row) = rows.next_row()? {
        let stored = store::take_state(row)?;
        match missing.remove(&stored.player_id) {
            Some(expected) => findings.compare_state(&stored, expected),
            None => {
                findings.compare(
                    ("player", stored.player_id),
                    "rating",
                    Some(stored.rating),
                    None,
                    show_cents,
                );
            }
        }
    }
    for (id, expected) in missing {
        findings.compare(("player", id), "rating", None, Some(expected.rating), show_cents);
    }
    Ok(())
}

fn show_cents(cents: &i32) -> String {
    let sign = if *cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

fn show_day(day: &i32) -> String {
    store::date_of_day(*day).map_or_else(|| format!("day {day} after 2000-01-01"), |date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_the_columns_show_them() {
        assert_eq!(show_cents(&150_007), "1500.07");
        assert_eq!(show_cents(&-5), "-0.05");
        assert_eq!(show_day(&0), "2000-01-01");
        assert_eq!(show_day(&i32::MAX), "day 2147483647 after 2000-01-01");
    }
}
