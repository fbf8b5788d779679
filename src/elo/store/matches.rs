//! Reading matches in position order, writing their ratings.

use std::collections::HashMap;

use postgres::{GenericClient, Row};
use time::OffsetDateTime;

use super::values::{Day, Games, day_of_order, utc};
use crate::elo::params::{LevelCode, Parameters};
use crate::elo::rating::{MatchInput, Ratings};
use crate::elo::replay::{Position, StoredMatch};
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
}

/// Reads at most `limit` matches from `first` on.
///
/// # Errors
/// The server's.
pub fn read_window(
    client: &mut impl GenericClient,
    first: Position,
    limit: i64,
    version: &str,
) -> Result<Window> {
    let rows = client
        .query(
            include_str!("../../../sql/elo/matches_read.sql"),
            &[&first.temporal_order, &first.match_id, &limit, &version],
        )
        .context(|| "reading matches")?;
    let mut window = Window { matches: Vec::with_capacity(rows.len()), ..Window::default() };
    for row in rows {
        let (stored_match, readable) = match_of_row(&row);
        if !stored_match.input.code.known {
            *window.unknown_levels.entry(row.get("level")).or_default() += 1;
        }
        window.unreadable_scores += u64::from(!readable);
        window.matches.push(stored_match);
    }
    Ok(window)
}

/// The match of a row with the columns of matches_read.sql, and whether its structured score (if any) could be read.
pub fn match_of_row(row: &Row) -> (StoredMatch, bool) {
    let (games, readable) = match row.get("score_structured") {
        Games::None => (None, true),
        Games::Won(a, b) => (Some((a, b)), true),
        Games::Unreadable => (None, false),
    };
    let temporal_order = row.get("temporal_order");
    let Day(day) = row.get("match_date");
    let stored_match = StoredMatch {
        id: row.get("id"),
        player_a_id: row.get("player_a_id"),
        player_b_id: row.get("player_b_id"),
        input: MatchInput {
            code: LevelCode::of(row.get("level"), row.get("tour")),
            day: day.or_else(|| day_of_order(temporal_order)),
            temporal_order,
            a_won: row.get("a_won"),
            games,
        },
        stored: stored_ratings(row),
        stale: row.get("stale"),
    };
    (stored_match, readable)
}

fn stored_ratings(row: &Row) -> Option<Ratings> {
    Some(Ratings {
        pre_a: row.get::<_, Option<i32>>("pre_a")?,
        pre_b: row.get::<_, Option<i32>>("pre_b")?,
        post_a: row.get::<_, Option<i32>>("post_a")?,
        post_b: row.get::<_, Option<i32>>("post_b")?,
    })
}

/// Whether any ratable match lies before `position`.
///
/// # Errors
/// The server's.
pub fn any_match_before(client: &mut impl GenericClient, position: Position) -> Result<bool> {
    let row = client
        .query_one(
            include_str!("../../../sql/elo/rated_before.sql"),
            &[&position.temporal_order, &position.match_id],
        )
        .context(|| "looking for earlier matches")?;
    Ok(row.get(0))
}

/// Writes the ratings of matches. A match that somebody deleted meanwhile is left out; its deletion is pending.
///
/// # Errors
/// The server's.
pub fn write_ratings(
    client: &mut impl GenericClient,
    changed: &[(i32, Ratings)],
    version: &str,
    now: OffsetDateTime,
) -> Result<()> {
    let column = |value: fn(&(i32, Ratings)) -> i32| changed.iter().map(value).collect::<Vec<i32>>();
    client
        .execute(
            include_str!("../../../sql/elo/ratings_write.sql"),
            &[
                &column(|row| row.0),
                &column(|row| row.1.pre_a),
                &column(|row| row.1.pre_b),
                &column(|row| row.1.post_a),
                &column(|row| row.1.post_b),
                &version,
                &utc(now),
            ],
        )
        .context(|| "writing ratings")?;
    Ok(())
}

/// Brings the pre-match ratings of unplayed matches up to date. Returns how many matches changed.
///
/// # Errors
/// The server's.
pub fn write_unplayed(client: &mut impl GenericClient, parameters: &Parameters) -> Result<u64> {
    let men = (parameters.start_elo_men * 100.0).round() as i32;
    let women = (parameters.start_elo_women * 100.0).round() as i32;
    client
        .execute(include_str!("../../../sql/elo/unplayed_write.sql"), &[&men, &women])
        .context(|| "writing the pre-match ratings of unplayed matches")
}
