//! The SQL of the ELO stage: reading windows of matches and states, writing batches. No decisions.

use std::collections::HashMap;

use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};
use postgres::{GenericClient, Row};
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use super::params::{LevelCode, Parameters};
use super::rating::{MatchInput, PlayerState, Ratings};
use super::replay::{Position, StoredMatch};
use crate::error::{Context, Error, Result};

/// The Julian day of 2000-01-01, from which the database counts days.
const EPOCH_JULIAN_DAY: i32 = 2_451_545;
/// Matches without a known date carry this year in their temporal order.
const YEAR_UNKNOWN: i64 = 9999;

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

/// The stage's checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The last position that was rated.
    pub position: Option<Position>,
}

/// The games of a structured score.
enum Games {
    None,
    Won(u32, u32),
    Unreadable,
}

#[derive(Deserialize)]
struct SetScore {
    a: u32,
    b: u32,
}

impl<'a> FromSql<'a> for Games {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        // The first byte of a binary jsonb value is its format version.
        let Ok(sets) = serde_json::from_slice::<Vec<SetScore>>(raw.get(1..).unwrap_or_default()) else {
            return Ok(if raw.get(1..) == Some(b"null") { Self::None } else { Self::Unreadable });
        };
        if sets.is_empty() {
            return Ok(Self::None);
        }
        let sum = sets
            .iter()
            .try_fold((0_u32, 0_u32), |(a, b), set| Some((a.checked_add(set.a)?, b.checked_add(set.b)?)));
        Ok(sum.map_or(Self::Unreadable, |(a, b)| Self::Won(a, b)))
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::None)
    }

    accepts!(JSONB);
}

/// A date as the database sends it: days from 2000-01-01; infinities count as unknown. (The `time` package knows no
/// dates after 9999.)
#[derive(Debug)]
struct Day(Option<i32>);

impl ToSql for Day {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let Some(day) = self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(&day.to_be_bytes());
        Ok(IsNull::No)
    }

    accepts!(DATE);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Day {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let day = i32::from_be_bytes(raw.try_into()?);
        Ok(Self((day != i32::MAX && day != i32::MIN).then_some(day)))
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    accepts!(DATE);
}

/// The day inside a temporal order, unless it is impossible or stands for "unknown".
fn day_of_order(temporal_order: i64) -> Option<i32> {
    let date = temporal_order / 10_000_000;
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    if !(1..YEAR_UNKNOWN).contains(&year) {
        return None;
    }
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    Some(date.to_julian_day() - EPOCH_JULIAN_DAY)
}

/// `now` as the timestamp columns hold it: UTC without a time zone.
fn utc(now: OffsetDateTime) -> PrimitiveDateTime {
    let now = now.to_offset(time::UtcOffset::UTC);
    PrimitiveDateTime::new(now.date(), now.time())
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
            include_str!("../../sql/elo/matches_read.sql"),
            &[&first.temporal_order, &first.match_id, &limit, &version],
        )
        .context(|| "reading matches")?;
    let mut window = Window { matches: Vec::with_capacity(rows.len()), ..Window::default() };
    for row in rows {
        let (level, tour): (&str, &str) = (row.get("level"), row.get("tour"));
        let code = LevelCode::of(level, tour);
        if !code.known {
            *window.unknown_levels.entry(level.to_owned()).or_default() += 1;
        }
        let games = match row.get("score_structured") {
            Games::None => None,
            Games::Won(a, b) => Some((a, b)),
            Games::Unreadable => {
                window.unreadable_scores += 1;
                None
            }
        };
        let temporal_order = row.get("temporal_order");
        let Day(day) = row.get("match_date");
        window.matches.push(StoredMatch {
            id: row.get("id"),
            player_a_id: row.get("player_a_id"),
            player_b_id: row.get("player_b_id"),
            input: MatchInput {
                code,
                day: day.or_else(|| day_of_order(temporal_order)),
                temporal_order,
                a_won: row.get("a_won"),
                games,
            },
            stored: stored_ratings(&row),
            stale: row.get("stale"),
        });
    }
    Ok(window)
}

fn stored_ratings(row: &Row) -> Option<Ratings> {
    Some(Ratings {
        pre_a: row.get::<_, Option<i32>>("pre_a")?,
        pre_b: row.get::<_, Option<i32>>("pre_b")?,
        post_a: row.get::<_, Option<i32>>("post_a")?,
        post_b: row.get::<_, Option<i32>>("post_b")?,
    })
}

/// The earliest pending position not before `from`, and whether there are pending rows without a position.
///
/// # Errors
/// The server's.
pub fn earliest_pending(client: &mut impl GenericClient, from: Position) -> Result<(Option<Position>, bool)> {
    let row = client
        .query_one(
            include_str!("../../sql/elo/pending_earliest.sql"),
            &[&from.temporal_order, &from.match_id],
        )
        .context(|| "looking for what is pending")?;
    let position = row
        .get::<_, Option<i64>>("temporal_order")
        .map(|temporal_order| Position { temporal_order, match_id: row.get("match_id") });
    Ok((position, row.get("unplaced")))
}

/// What is pending from `first` on, in order, at most `limit` rows.
///
/// # Errors
/// The server's.
pub fn read_pending(client: &mut impl GenericClient, first: Position, limit: i64) -> Result<Vec<Pending>> {
    let rows = client
        .query(
            include_str!("../../sql/elo/pending_read.sql"),
            &[&first.temporal_order, &first.match_id, &limit],
        )
        .context(|| "reading what is pending")?;
    Ok(rows
        .iter()
        .map(|row| Pending {
            id: row.get("id"),
            position: Position { temporal_order: row.get("temporal_order"), match_id: row.get("match_id") },
            players: row.get::<_, Option<i32>>("player_a_id").zip(row.get("player_b_id")),
        })
        .collect())
}

/// Deletes the pending rows `ids`.
///
/// # Errors
/// The server's.
pub fn delete_pending(client: &mut impl GenericClient, ids: &[i64]) -> Result<()> {
    client
        .execute(include_str!("../../sql/elo/pending_delete.sql"), &[&ids])
        .context(|| "deleting what is no longer pending")?;
    Ok(())
}

/// Notes that every match from `position` on has to be rated again.
///
/// # Errors
/// The server's.
pub fn append_pending(client: &mut impl GenericClient, position: Position, reason: &str) -> Result<()> {
    client
        .execute(
            include_str!("../../sql/elo/pending_append.sql"),
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
    let row = client.query_one(include_str!("../../sql/elo/pending_count.sql"), &[])?;
    Ok(row.get::<_, i64>(0).unsigned_abs())
}

/// At most `limit` pending rows without a position.
///
/// # Errors
/// The server's.
pub fn read_unplaced(client: &mut impl GenericClient, limit: i64) -> Result<Vec<Unplaced>> {
    let rows = client
        .query(include_str!("../../sql/elo/unplaced_read.sql"), &[&limit])
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
        .execute(include_str!("../../sql/elo/ratings_clear.sql"), &[&match_ids])
        .context(|| "clearing the ratings of matches that are not rated")?;
    let pending_ids: Vec<i64> = unplaced.iter().map(|pending| pending.pending_id).collect();
    delete_pending(client, &pending_ids)?;
    Ok(cleared)
}

/// Finds in `matches` itself what is not rated as it should be: notes matches that are not rated but look so, and
/// returns the position of the earliest that lacks its ratings.
///
/// # Errors
/// The server's.
pub fn derive_pending(client: &mut impl GenericClient, dry_run: bool) -> Result<Option<Position>> {
    if !dry_run {
        client.execute(include_str!("../../sql/elo/unplaced_derive.sql"), &[])?;
    }
    let row = client
        .query_opt(include_str!("../../sql/elo/unrated_earliest.sql"), &[])
        .context(|| "looking for matches without ratings")?;
    Ok(row.map(|row| Position { temporal_order: row.get("temporal_order"), match_id: row.get("id") }))
}

/// Whether any ratable match lies before `position`.
///
/// # Errors
/// The server's.
pub fn any_match_before(client: &mut impl GenericClient, position: Position) -> Result<bool> {
    let row = client
        .query_one(
            include_str!("../../sql/elo/rated_before.sql"),
            &[&position.temporal_order, &position.match_id],
        )
        .context(|| "looking for earlier matches")?;
    Ok(row.get(0))
}

/// The stored states of `players`; who has none is left out.
///
/// # Errors
/// The server's.
pub fn read_states(client: &mut impl GenericClient, players: &[i32]) -> Result<HashMap<i32, PlayerState>> {
    let rows = client
        .query(include_str!("../../sql/elo/states_read.sql"), &[&players])
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
            include_str!("../../sql/elo/states_derive.sql"),
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
            include_str!("../../sql/elo/ratings_write.sql"),
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
                include_str!("../../sql/elo/states_write.sql"),
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
            .execute(include_str!("../../sql/elo/states_delete.sql"), &[&gone])
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
        .execute(include_str!("../../sql/elo/states_delete_matchless.sql"), &[])
        .context(|| "deleting the states of players without matches")
}

/// Brings the pre-match ratings of unplayed matches up to date. Returns how many matches changed.
///
/// # Errors
/// The server's.
pub fn write_unplayed(client: &mut impl GenericClient, parameters: &Parameters) -> Result<u64> {
    let men = (parameters.start_elo_men * 100.0).round() as i32;
    let women = (parameters.start_elo_women * 100.0).round() as i32;
    client
        .execute(include_str!("../../sql/elo/unplayed_write.sql"), &[&men, &women])
        .context(|| "writing the pre-match ratings of unplayed matches")
}

/// The parameters in force: the newest active set, else the defaults.
///
/// # Errors
/// The set is wrong (its name and the key are told), or the server's.
pub fn read_parameters(client: &mut impl GenericClient) -> Result<Parameters> {
    let rows = client
        .query(include_str!("../../sql/elo/parameters_read.sql"), &[])
        .context(|| "reading elo_parameter_sets")?;
    let Some(first) = rows.first() else { return Ok(Parameters::default()) };
    let name: &str = first.get("name");
    if first.get::<_, Option<&str>>("kind") != Some("object") {
        return Err(Error::usage(format!(
            "parameter set {name:?} (elo_parameter_sets): params is not a JSON object. Nothing was rated"
        )));
    }
    let values = rows.iter().filter_map(|row| Some((row.get::<_, Option<&str>>("key")?, row.get("value"))));
    Parameters::from_set(name, values)
}

/// The parameter version of the newest rated match: None when nothing is rated, Some(None) when it has none.
///
/// # Errors
/// The server's.
pub fn latest_version(client: &mut impl GenericClient) -> Result<Option<Option<String>>> {
    let row = client.query_opt(include_str!("../../sql/elo/version_latest.sql"), &[])?;
    Ok(row.map(|row| row.get(0)))
}

/// The checkpoint `key`: the cursor, and the fingerprint of the parameters that the ratings were made with.
///
/// # Errors
/// The server's.
pub fn read_checkpoint(client: &mut impl GenericClient, key: &str) -> Result<(Cursor, Option<String>)> {
    let row = client
        .query_opt(include_str!("../../sql/elo/checkpoint_read.sql"), &[&key])
        .context(|| "reading the checkpoint")?;
    let Some(value) = row.map(|row| row.get::<_, Value>(0)) else { return Ok((Cursor::default(), None)) };
    let number = |name: &str| value.pointer(&format!("/cursor/{name}")).and_then(Value::as_i64);
    let position =
        number("last_temporal_order").zip(number("last_match_id")).and_then(|(temporal_order, id)| {
            Some(Position { temporal_order, match_id: i32::try_from(id).ok()? })
        });
    let fingerprint = value.get("parameters").and_then(Value::as_str).map(str::to_owned);
    Ok((Cursor { position }, fingerprint))
}

/// Writes the checkpoint `key`. The legacy script reads `cursor` and `updated_at`.
///
/// # Errors
/// The server's.
pub fn write_checkpoint(
    client: &mut impl GenericClient,
    key: &str,
    cursor: Cursor,
    parameters: &Parameters,
    now: OffsetDateTime,
) -> Result<()> {
    let mut value = json!({
        "updated_at": crate::pipeline::status_log::timestamp(now),
        "parameters": parameters.fingerprint(),
        "parameters_version": parameters.version,
    });
    if let Some(position) = cursor.position {
        value["cursor"] =
            json!({"last_temporal_order": position.temporal_order, "last_match_id": position.match_id});
    }
    client
        .execute(include_str!("../../sql/elo/checkpoint_write.sql"), &[&key, &value, &utc(now)])
        .context(|| "writing the checkpoint")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_inside_an_order() {
        assert_eq!(day_of_order(200_001_010_000_000), Some(0));
        assert_eq!(day_of_order(202_402_290_123_470), Some(8825));
        assert_eq!(day_of_order(202_302_290_123_470), None);
        assert_eq!(day_of_order(999_912_310_000_050), None);
        assert_eq!(day_of_order(-5), None);
        assert_eq!(day_of_order(i64::MAX), None);
    }
}
