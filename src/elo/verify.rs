//! `teelo verify`: replays every match in memory and compares with what is stored. It writes nothing, holds no
//! lock, and reads one moment of the database.

use std::collections::{BTreeMap, HashMap};

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use postgres::{IsolationLevel, Row, RowIter, Transaction};
use serde::Serialize;

use super::params::{LevelCode, Parameters};
use super::rating::{PlayerState, Ratings, rate};
use super::store::{self, Day};
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
    fn compare_match(&mut self, row: &Row, expected: &MatchColumns<'_>) {
        let of = ("match", row.get("id"));
        let ratings: [(&'static str, &str, Option<i32>); 4] = [
            ("elo_pre_player_a", "pre_a", expected.pre_a),
            ("elo_pre_player_b", "pre_b", expected.pre_b),
            ("elo_post_player_a", "post_a", expected.post_a),
            ("elo_post_player_b", "post_b", expected.post_b),
        ];
        for (column, name, expected) in ratings {
            self.compare(of, column, row.get::<_, Option<i32>>(name), expected, show_cents);
        }
        let version: Option<&str> = row.get("version");
        self.compare(of, "elo_params_version", version, expected.version, |text| (*text).to_owned());
        self.compare(
            of,
            "elo_needs_recompute",
            Some(row.get::<_, bool>("stale")),
            Some(false),
            bool::to_string,
        );
    }
}

/// What the ELO columns of a match have to hold.
#[derive(Default)]
struct MatchColumns<'a> {
    pre_a: Option<i32>,
    pre_b: Option<i32>,
    post_a: Option<i32>,
    post_b: Option<i32>,
    version: Option<&'a str>,
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

    let states = replay(&mut snapshot, &parameters, &mut findings)?;
    findings.players = states.len() as u64;
    compare_unrated(&mut snapshot, &parameters, &states, &mut findings)?;
    compare_states(&mut snapshot, states, &mut findings)?;
    Ok(findings)
}

/// Streams the rows of a query: they are never in memory together.
fn stream<'a>(snapshot: &'a mut Transaction<'_>, query: &str) -> Result<RowIter<'a>> {
    let none: [&(dyn ToSql + Sync); 0] = [];
    snapshot.query_raw(query, none).context(|| "reading what is stored")
}

/// Rates every match in order and compares it with what is stored; returns the states at the end.
fn replay(
    snapshot: &mut Transaction<'_>,
    parameters: &Parameters,
    findings: &mut Findings,
) -> Result<HashMap<i32, PlayerState>> {
    let mut states: HashMap<i32, PlayerState> = HashMap::new();
    let mut progress = Progress::new("verify", "matches", None);
    let mut rows = stream(snapshot, include_str!("../../sql/elo/verify_rated.sql"))?;
    while let Some(row) = rows.next().context(|| "reading matches")? {
        let one = store::match_of_row(&row).0;
        let (a, b) = (states.get(&one.player_a_id), states.get(&one.player_b_id));
        let (ratings, after_a, after_b) = rate(parameters, &one.input, a, b).map_err(|_| {
            Error::failed(format!("match {}: the rating leaves the range of its column", one.id))
        })?;
        states.insert(one.player_a_id, after_a);
        states.insert(one.player_b_id, after_b);
        let Ratings { pre_a, pre_b, post_a, post_b } = ratings;
        let expected = MatchColumns {
            pre_a: Some(pre_a),
            pre_b: Some(pre_b),
            post_a: Some(post_a),
            post_b: Some(post_b),
            version: Some(&parameters.version),
        };
        findings.compare_match(&row, &expected);
        findings.matches += 1;
        if findings.matches.is_multiple_of(MATCHES_PER_REPORT) {
            progress.advance(MATCHES_PER_REPORT);
        }
    }
    Ok(states)
}

/// Matches that are not rated hold nothing; unplayed ones hold their players' ratings of now.
fn compare_unrated(
    snapshot: &mut Transaction<'_>,
    parameters: &Parameters,
    states: &HashMap<i32, PlayerState>,
    findings: &mut Findings,
) -> Result<()> {
    let mut rows = stream(snapshot, include_str!("../../sql/elo/verify_unrated.sql"))?;
    while let Some(row) = rows.next().context(|| "reading unplayed matches")? {
        let mut expected = MatchColumns::default();
        if row.get("unplayed") {
            let code = LevelCode::of(row.get("level"), row.get("tour"));
            let start = (parameters.start_elo(code) * 100.0).round() as i32;
            let current = |column: &str| states.get(&row.get(column)).map_or(start, |state| state.rating);
            expected.pre_a = Some(current("player_a_id"));
            expected.pre_b = Some(current("player_b_id"));
        }
        findings.compare_match(&row, &expected);
        findings.unrated_matches += 1;
    }
    Ok(())
}

/// Compares the stored states with those at the end of the replay.
fn compare_states(
    snapshot: &mut Transaction<'_>,
    mut states: HashMap<i32, PlayerState>,
    findings: &mut Findings,
) -> Result<()> {
    let mut rows = stream(snapshot, include_str!("../../sql/elo/verify_states.sql"))?;
    while let Some(row) = rows.next().context(|| "reading player states")? {
        let id: i32 = row.get("player_id");
        let of = ("player", id);
        let Some(expected) = states.remove(&id) else {
            findings.compare(of, "rating", row.get::<_, Option<i32>>("rating"), None, show_cents);
            continue;
        };
        let Day(day) = row.get("last_match_date");
        let order: Option<i64> = row.get("last_temporal_order");
        findings.compare(of, "rating", row.get("rating"), Some(expected.rating), show_cents);
        findings.compare(
            of,
            "match_count",
            row.get("match_count"),
            Some(expected.match_count),
            i32::to_string,
        );
        findings.compare(of, "last_match_date", day, expected.last_match_day, show_day);
        findings.compare(
            of,
            "last_temporal_order",
            order,
            Some(expected.last_temporal_order),
            i64::to_string,
        );
        findings.compare(of, "career_peak", row.get("career_peak"), Some(expected.career_peak), show_cents);
    }
    let missing: BTreeMap<i32, PlayerState> = states.into_iter().collect();
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
