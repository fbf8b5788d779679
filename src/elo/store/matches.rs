//! Reading matches in position order, writing their ratings.

use std::collections::{HashMap, HashSet};

use postgres::{GenericClient, Row};

use super::games::Games;
use super::values::{Cents, Day, day_of_order};
use crate::db::OneTrip;
use crate::elo::params::{LevelCode, Parameters};
use crate::elo::rating::{MatchInput, Ratings};
use crate::elo::replay::StoredMatch;
use crate::error::{Context, Result};

/// A window of matches in position order.
#[derive(Debug, Default)]
pub struct Window {
    /// The matches.
    pub matches: Vec<StoredMatch>,
    /// Levels that are not in the table, by match.
    pub unknown_levels: HashMap<String, u64>,
    /// Structured scores that could not be read; such a match has no margin.
    pub unreadable_scores: u64,
    /// The matches with the legacy mark.
    pub marked: HashSet<i32>,
}

/// The window of rows with the columns of matches_read.sql.
pub(super) fn window_of_rows(rows: &[Row]) -> Window {
    let mut window = Window { matches: Vec::with_capacity(rows.len()), ..Window::default() };
    for row in rows {
        let (stored_match, readable) = match_of_window_row(row);
        if !stored_match.input.code.known {
            *window.unknown_levels.entry(row.get(7)).or_default() += 1;
        }
        window.unreadable_scores += u64::from(!readable);
        if row.get(14) {
            window.marked.insert(stored_match.id);
        }
        window.matches.push(stored_match);
    }
    window
}

fn match_of_window_row(row: &Row) -> (StoredMatch, bool) {
    let (games, readable) = match row.get(6) {
        Games::None => (None, true),
        Games::Won(a, b) => (Some((a, b)), true),
        Games::Unreadable => (None, false),
    };
    let temporal_order = row.get(1);
    let Day(day) = row.get(2);
    let cents = |column: usize| row.get::<_, Option<Cents>>(column).map(|cents| cents.0);
    let stored =
        || Some(Ratings { pre_a: cents(9)?, pre_b: cents(10)?, post_a: cents(11)?, post_b: cents(12)? });
    let stored_match = StoredMatch {
        id: row.get(0),
        player_a_id: row.get(3),
        player_b_id: row.get(4),
        input: MatchInput {
            code: LevelCode::of(row.get(7), row.get(8)),
            day: day.or_else(|| day_of_order(temporal_order)),
            temporal_order,
            a_won: row.get(5),
            games,
        },
        stored: stored(),
        stale: row.get::<_, bool>(13) || row.get::<_, bool>(14),
    };
    (stored_match, readable)
}

/// Brings the pre-match ratings of unplayed matches up to date. Returns how many matches changed.
///
/// # Errors
/// The server's.
pub fn write_unplayed(client: &mut impl GenericClient, parameters: &Parameters) -> Result<u64> {
    let (men, women) = (parameters.start_cents(false), parameters.start_cents(true));
    client
        .change(include_str!("../../../sql/elo/unplayed_write.sql"), &[&men, &women])
        .context(|| "writing the pre-match ratings of unplayed matches")
}
