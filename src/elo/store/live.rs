//! The statements of [`crate::elo::live`]: three round trips a match.

use std::collections::HashMap;

use postgres::{Statement, Transaction};
use time::PrimitiveDateTime;

use super::matches::{Window, window_of_rows};
use super::states::stored_states;
use super::values::{Cents, Day};
use crate::elo::rating::{PlayerState, Ratings};
use crate::elo::replay::Position;
use crate::error::{Context, Result};

/// The statements, prepared in a session.
pub struct LiveStatements {
    window: Statement,
    states: Statement,
    write: Statement,
}

impl LiveStatements {
    /// Prepares them.
    ///
    /// # Errors
    /// The server's.
    pub fn new(transaction: &mut Transaction<'_>) -> Result<Self> {
        Ok(Self {
            window: transaction.prepare(include_str!("../../../sql/elo/matches_read.sql"))?,
            states: transaction.prepare(include_str!("../../../sql/elo/states_read.sql"))?,
            write: transaction.prepare(include_str!("../../../sql/elo/live_write.sql"))?,
        })
    }

    /// The match at `position`.
    ///
    /// # Errors
    /// The server's.
    pub fn read_match(&self, transaction: &mut Transaction<'_>, position: Position) -> Result<Window> {
        let rows = transaction
            .query(&self.window, &[&position.temporal_order, &position.match_id, &1_i64, &""])
            .context(|| "reading a match")?;
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
        let rows =
            transaction.query(&self.states, &[&players.as_slice()]).context(|| "reading player states")?;
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

/// The positions of those of these matches that are pending, in order.
///
/// # Errors
/// The server's.
pub fn pending_positions(transaction: &mut Transaction<'_>, match_ids: &[i32]) -> Result<Vec<Position>> {
    let rows = transaction
        .query(include_str!("../../../sql/elo/live_positions.sql"), &[&match_ids])
        .context(|| "looking for pending matches")?;
    let position = |row: &postgres::Row| Position { temporal_order: row.get(0), match_id: row.get(1) };
    Ok(rows.iter().map(position).collect())
}
