//! The statements of [`crate::elo::live`]: three round trips a match.

use std::collections::HashMap;

use postgres::{Statement, Transaction};
use time::PrimitiveDateTime;

use super::matches::{Window, window_of_rows};
use super::states::stored_states;
use super::values::{Cents, Day};
use crate::db::OneTrip;
use crate::elo::rating::{PlayerState, Ratings};
use crate::error::{Context, Result};

/// The statements, prepared in a session.
pub struct LiveStatements {
    read_match: Statement,
    read_states: Statement,
    write: Statement,
}

impl LiveStatements {
    /// Prepares them.
    ///
    /// # Errors
    /// The server's.
    pub fn new(transaction: &mut Transaction<'_>) -> Result<Self> {
        Ok(Self {
            read_match: transaction.prepare(include_str!("../../../sql/elo/live_match_read.sql"))?,
            read_states: transaction.prepare(include_str!("../../../sql/elo/states_read.sql"))?,
            write: transaction.prepare(include_str!("../../../sql/elo/live_write.sql"))?,
        })
    }

    /// A match, as a window of it alone; empty when it is not ratable.
    ///
    /// # Errors
    /// The server's.
    pub fn read_match(&self, transaction: &mut Transaction<'_>, match_id: i32) -> Result<Window> {
        let rows = transaction.query(&self.read_match, &[&match_id]).context(|| "reading a match")?;
        Ok(window_of_rows(&rows))
    }

    /// The stored states of two players.
    ///
    /// # Errors
    /// The server's.
    pub fn read_states(
        &self,
        transaction: &mut Transaction<'_>,
        players: [i32; 2],
    ) -> Result<HashMap<i32, PlayerState>> {
        let rows = transaction
            .query(&self.read_states, &[&players.as_slice()])
            .context(|| "reading player states")?;
        Ok(stored_states(&rows))
    }

    /// Writes the ratings of a match, and its players' states after it.
    ///
    /// # Errors
    /// The server's.
    pub fn write(
        &self,
        transaction: &mut Transaction<'_>,
        (match_id, ratings): (i32, &Ratings),
        states: [(i32, PlayerState); 2],
        (version, now): (&str, PrimitiveDateTime),
    ) -> Result<()> {
        let ratings = [ratings.pre_a, ratings.pre_b, ratings.post_a, ratings.post_b].map(Cents);
        transaction
            .execute(
                &self.write,
                &[
                    &match_id,
                    &ratings[0],
                    &ratings[1],
                    &ratings[2],
                    &ratings[3],
                    &version,
                    &now,
                    &states.map(|(player, _)| player).as_slice(),
                    &states.map(|(_, state)| Cents(state.rating)).as_slice(),
                    &states.map(|(_, state)| state.match_count).as_slice(),
                    &states.map(|(_, state)| Day(state.last_match_day)).as_slice(),
                    &states.map(|(_, state)| state.last_temporal_order).as_slice(),
                    &states.map(|(_, state)| Cents(state.career_peak)).as_slice(),
                ],
            )
            .context(|| "writing the ratings of a match")?;
        Ok(())
    }
}

/// Those of these matches that are pending, in the order of their positions.
///
/// # Errors
/// The server's.
pub fn pending_of(transaction: &mut Transaction<'_>, match_ids: &[i32]) -> Result<Vec<i32>> {
    let rows = transaction
        .rows(include_str!("../../../sql/elo/live_pending.sql"), &[&match_ids])
        .context(|| "looking for pending matches")?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
