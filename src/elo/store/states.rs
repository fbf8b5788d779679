//! Player states: stored, derived from the matches, written.

use std::collections::HashMap;

use postgres::{GenericClient, Row, ToStatement};

use super::values::{Cents, Day};
use crate::db::OneTrip;
use crate::elo::params::{LevelCode, Parameters};
use crate::elo::rating::PlayerState;
use crate::elo::replay::Position;
use crate::error::{Context, Result};

/// The states of rows with the columns of states_read.sql.
pub(super) fn stored_states(rows: &[Row]) -> HashMap<i32, PlayerState> {
    rows.iter()
        .map(|row| {
            let Day(last_match_day) = row.get(3);
            let state = PlayerState {
                rating: row.get::<_, Cents>(1).0,
                match_count: row.get(2),
                last_match_day,
                // Unknown: later than any position, so that the state is derived from the matches.
                last_temporal_order: row.get::<_, Option<i64>>(4).unwrap_or(i64::MAX),
                career_peak: row.get::<_, Cents>(5).0,
            };
            (row.get(0), state)
        })
        .collect()
}

/// A player's state before a position, told by the stored state and the matches from the position on.
#[derive(Debug)]
pub struct StateBefore {
    /// The player.
    pub player_id: i32,
    /// The state; None: no match before. Its peak is at least the newest rating, and the true one when that is known.
    pub state: Option<PlayerState>,
    /// The peak before the position may be anything up to the stored one.
    pub peak_is_open: bool,
    /// What is stored.
    pub stored: PlayerState,
}

/// The state of a row with the columns of states_before.sql.
pub(super) fn state_before(row: &Row) -> StateBefore {
    let cents = |column: &str| row.get::<_, Cents>(column).0;
    let Day(stored_day) = row.get("stored_last_match_date");
    let stored = PlayerState {
        rating: cents("stored_rating"),
        match_count: row.get("stored_match_count"),
        last_match_day: stored_day,
        last_temporal_order: row.get("stored_last_temporal_order"),
        career_peak: cents("stored_career_peak"),
    };
    let peak_is_earlier: bool = row.get("peak_is_earlier");
    let state = row.get::<_, Option<Cents>>("rating").map(|Cents(rating)| {
        let Day(last_match_day) = row.get("last_match_date");
        PlayerState {
            rating,
            match_count: row.get("match_count"),
            last_match_day,
            last_temporal_order: row.get("last_temporal_order"),
            career_peak: if peak_is_earlier { stored.career_peak } else { rating },
        }
    });
    let peak_is_open = state.is_some() && !peak_is_earlier;
    StateBefore { player_id: row.get("player_id"), state, peak_is_open, stored }
}

/// What [`derive_states`] runs.
pub(super) const STATES_DERIVE: &str = include_str!("../../../sql/elo/states_derive.sql");

/// The states of `players` just before `position`, as the stored ratings imply them; who had no match is left out.
/// `statement`: [`STATES_DERIVE`], prepared or not.
///
/// # Errors
/// The server's.
pub(super) fn derive_states(
    client: &mut impl GenericClient,
    statement: &(impl ToStatement + ?Sized),
    parameters: &Parameters,
    players: &[i32],
    position: Position,
) -> Result<HashMap<i32, PlayerState>> {
    let rows = client
        .query(statement, &[&players, &position.temporal_order, &position.match_id])
        .context(|| "deriving player states from matches")?;
    Ok(rows
        .iter()
        .map(|row| {
            let code = LevelCode::of(row.get("first_level"), row.get("first_tour"));
            let start = parameters.start_cents(code.women);
            let Day(last_match_day) = row.get("last_match_date");
            let state = PlayerState {
                rating: row.get::<_, Cents>("rating").0,
                match_count: row.get("match_count"),
                last_match_day,
                last_temporal_order: row.get("last_temporal_order"),
                career_peak: row.get::<_, Cents>("highest").0.max(start),
            };
            (row.get("player_id"), state)
        })
        .collect())
}

/// Deletes the states of players without any ratable match. Returns how many there were.
///
/// # Errors
/// The server's.
pub fn delete_matchless_states(client: &mut impl GenericClient) -> Result<u64> {
    client
        .change(include_str!("../../../sql/elo/states_delete_matchless.sql"), &[])
        .context(|| "deleting the states of players without matches")
}
