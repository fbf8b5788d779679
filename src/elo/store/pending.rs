//! What is pending: read, noted, deleted.

use postgres::{GenericClient, Row};

use crate::db::OneTrip;
use crate::elo::replay::Position;
use crate::error::{Context, Result};

/// A change that is pending at a position.
#[derive(Debug, Clone, Copy)]
pub struct Pending {
    /// The row's id.
    pub id: i64,
    /// Where.
    pub position: Position,
    /// Whose ratings may differ from there on; None: everybody's.
    pub players: Option<(i32, i32)>,
}

/// A pending row of a match that is not rated now.
#[derive(Debug)]
pub struct Unplaced {
    /// The row's id.
    pub pending_id: i64,
    /// The match.
    pub match_id: i32,
    /// Why a finished match cannot be rated.
    pub reason: Option<String>,
}

/// The earliest pending position not before `from`.
///
/// # Errors
/// The server's.
pub fn earliest_pending(client: &mut impl GenericClient, from: Position) -> Result<Option<Position>> {
    let row = client
        .row_if_any(
            include_str!("../../../sql/elo/pending_earliest.sql"),
            &[&from.temporal_order, &from.match_id],
        )
        .context(|| "looking for what is pending")?;
    Ok(row.map(|row| Position { temporal_order: row.get("temporal_order"), match_id: row.get("match_id") }))
}

/// The pending change of a row with the columns of pending_read.sql.
pub(super) fn pending_of_row(row: &Row) -> Pending {
    Pending {
        id: row.get(0),
        position: Position { temporal_order: row.get(1), match_id: row.get(2) },
        players: row.get::<_, Option<i32>>(3).zip(row.get(4)),
    }
}

/// Notes that every match from `position` on has to be rated again.
///
/// # Errors
/// The server's.
pub fn append_pending(client: &mut impl GenericClient, position: Position, reason: &str) -> Result<()> {
    client
        .change(
            include_str!("../../../sql/elo/pending_append.sql"),
            &[&position.temporal_order, &position.match_id, &reason],
        )
        .context(|| "noting what is pending")?;
    Ok(())
}

/// How many rows are pending.
///
/// # Errors
/// The server's.
pub fn count_pending(client: &mut impl GenericClient) -> Result<u64> {
    let row = client.row(include_str!("../../../sql/elo/pending_count.sql"), &[])?;
    Ok(row.get::<_, i64>(0).unsigned_abs())
}

/// At most `limit` pending rows without a position.
///
/// # Errors
/// The server's.
pub fn read_unplaced(client: &mut impl GenericClient, limit: i64) -> Result<Vec<Unplaced>> {
    let rows = client
        .rows(include_str!("../../../sql/elo/unplaced_read.sql"), &[&limit])
        .context(|| "reading what is pending")?;
    Ok(rows
        .iter()
        .map(|row| Unplaced {
            pending_id: row.get("pending_id"),
            match_id: row.get("match_id"),
            reason: row.get("reason"),
        })
        .collect())
}

/// Deletes pending rows without a position, and takes the ratings off their matches. Returns how many matches
/// changed.
///
/// # Errors
/// The server's.
pub fn clear_unplaced(client: &mut impl GenericClient, unplaced: &[Unplaced]) -> Result<u64> {
    let match_ids: Vec<i32> = unplaced.iter().map(|pending| pending.match_id).collect();
    let cleared = client
        .change(include_str!("../../../sql/elo/ratings_clear.sql"), &[&match_ids])
        .context(|| "clearing the ratings of matches that are not rated")?;
    let pending_ids: Vec<i64> = unplaced.iter().map(|pending| pending.pending_id).collect();
    client
        .change(include_str!("../../../sql/elo/pending_delete.sql"), &[&pending_ids])
        .context(|| "deleting what is no longer pending")?;
    Ok(cleared)
}

/// Finds in `matches` itself what is not rated as it should be: notes matches that are not rated but look so, and
/// returns the position of the earliest that lacks its ratings.
///
/// # Errors
/// The server's.
pub fn derive_pending(client: &mut impl GenericClient, dry_run: bool) -> Result<Option<Position>> {
    if !dry_run {
        client.change(include_str!("../../../sql/elo/unplaced_derive.sql"), &[])?;
    }
    let row = client
        .row_if_any(include_str!("../../../sql/elo/unrated_earliest.sql"), &[])
        .context(|| "looking for matches without ratings")?;
    Ok(row.map(|row| Position { temporal_order: row.get("temporal_order"), match_id: row.get("id") }))
}
