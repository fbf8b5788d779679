//! Player states: stored, derived from the matches, written.

use std::collections::HashMap;

use postgres::GenericClient;
use time::OffsetDateTime;

use super::values::{Day, utc};
use crate::elo::params::{LevelCode, Parameters};
use crate::elo::rating::PlayerState;
use crate::elo::replay::Position;
use crate::error::{Context, Result};

/// The stored states of `players`; who has none is left out.
///
/// # Errors
/// The server's.
pub fn read_states(client: &mut impl GenericClient, players: &[i32]) -> Result<HashMap<i32, PlayerState>> {
    let rows = client
        .query(include_str!("../../../sql/elo/states_read.sql"), &[&players])
        .context(|| "reading player states")?;
    Ok(rows
        .iter()
        .map(|row| {
            let Day(last_match_day) = row.get("last_match_date");
            let state = PlayerState {
                rating: row.get("rating"),
                match_count: row.get("match_count"),
                last_match_day,
                // Unknown: later than any position, so that the state is derived from the matches.
                last_temporal_order: row.get::<_, Option<i64>>("last_temporal_order").unwrap_or(i64::MAX),
                career_peak: row.get("career_peak"),
            };
            (row.get("player_id"), state)
        })
        .collect())
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
    Ok(rows
        .iter()
        .map(|row| {
            let code = LevelCode::of(row.get("first_level"), row.get("first_tour"));
            let start = (parameters.start_elo(code) * 100.0).round() as i32;
            let Day(last_match_day) = row.get("last_match_date");
            let state = PlayerState {
                rating: row.get("rating"),
                match_count: row.get("match_count"),
                last_match_day,
                last_temporal_order: row.get("last_temporal_order"),
                career_peak: row.get::<_, i32>("highest").max(start),
            };
            (row.get("player_id"), state)
        })
        .collect())
}

/// Writes and deletes (None) player states. Returns how many rows changed.
///
/// # Errors
/// The server's.
pub fn write_states(
    client: &mut impl GenericClient,
    states: &[(i32, Option<PlayerState>)],
    now: OffsetDateTime,
) -> Result<u64> {
    let kept: Vec<(i32, PlayerState)> =
        states.iter().filter_map(|(id, state)| Some((*id, (*state)?))).collect();
    let gone: Vec<i32> = states.iter().filter(|(_, state)| state.is_none()).map(|(id, _)| *id).collect();
    let mut changed = 0;
    if !kept.is_empty() {
        let column = |value: fn(&(i32, PlayerState)) -> i32| kept.iter().map(value).collect::<Vec<i32>>();
        let dates: Vec<Day> = kept.iter().map(|(_, state)| Day(state.last_match_day)).collect();
        let orders: Vec<i64> = kept.iter().map(|(_, state)| state.last_temporal_order).collect();
        changed += client
            .execute(
                include_str!("../../../sql/elo/states_write.sql"),
                &[
                    &column(|row| row.0),
                    &column(|row| row.1.rating),
                    &column(|row| row.1.match_count),
                    &dates,
                    &orders,
                    &column(|row| row.1.career_peak),
                    &utc(now),
                ],
            )
            .context(|| "writing player states")?;
    }
    if !gone.is_empty() {
        changed += client
            .execute(include_str!("../../../sql/elo/states_delete.sql"), &[&gone])
            .context(|| "deleting player states")?;
    }
    Ok(changed)
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
