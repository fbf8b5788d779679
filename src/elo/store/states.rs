//! Player states: stored, derived from the matches, written.

use std::collections::HashMap;

use postgres::{GenericClient, Row};

use super::values::{Cents, Day};
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

/// The states of `players` just before `position`, as the stored ratings imply them; who had no match is left out.
///
/// # Errors
/// The server's.
pub fn derive_states(
    client: &mut impl GenericClient,
    parameters: &Parameters,
    players: &[i32],
    position: Position,
) -> Result<HashMap<i32, PlayerState>> {
    let rows = client
        .query(
            include_str!("../../../sql/elo/states_derive.sql"),
            &[&players, &position.temporal_order, &position.match_id],
        )
        .context(|| "deriving player states from matches")?;
    Ok(derived_states(&rows, parameters))
}

/// The states of rows with the columns of states_derive.sql.
pub(super) fn derived_states(rows: &[Row], parameters: &Parameters) -> HashMap<i32, PlayerState> {
    rows.iter()
        .map(|row| {
            let code = LevelCode::of(row.get("first_level"), row.get("first_tour"));
            let start = (parameters.start_elo(code) * 100.0).round() as i32;
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
        .collect()
}

/// Deletes the states of players without any ratable match. Returns how many there were.
///
/// # Errors
/// The server's.
pub fn delete_matchless_states(client: &mut impl GenericClient) -> Result<u64> {
    client
        .execute(include_str!("../../../sql/elo/states_delete_matchless.sql"), &[])
        .context(|| "deleting the states of players without matches")
}
