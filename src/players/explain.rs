//! What is known of a player, which source gave it, and when the sources are asked again.

use postgres::Client;
use serde::Serialize;
use serde_json::Value;
use time::PrimitiveDateTime;

use super::fields::Field;
use super::store;
use crate::error::{Context, Error, Result};
use crate::pipeline::status_log::timestamp;

/// Grows when a field of the JSON changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;

/// One player.
#[derive(Debug, Serialize)]
pub struct Explanation {
    schema_version: u32,
    /// `players.id`
    pub player_id: i32,
    /// The canonical name.
    pub name: String,
    /// Every field.
    pub fields: Vec<Known>,
    /// The last try of each source.
    pub tries: Vec<LastTry>,
}

/// One field.
#[derive(Debug, Serialize)]
pub struct Known {
    /// The column of `players`.
    pub field: &'static str,
    /// None when it is not known.
    pub value: Option<String>,
    /// Who filled it in; None when it was somebody else than this program's enrichment.
    pub given_by: Option<Given>,
}

/// Where a value came from.
#[derive(Debug, Serialize)]
pub struct Given {
    /// `files` or `command`.
    pub provider: String,
    /// Where in the source it was.
    pub origin: String,
    /// When: `2026-01-02T03:04:05Z`.
    pub given_at: String,
}

/// The last try of a source.
#[derive(Debug, Serialize)]
pub struct LastTry {
    /// `files` or `command`.
    pub provider: String,
    /// How often in a row.
    pub tries: i32,
    /// When: `2026-01-02T03:04:05Z`.
    pub tried_at: String,
    /// Not before, and only while something is missing that the source may know.
    pub next_try_at: String,
    /// `found`, `nothing_new`, `not_found` or `failed`.
    pub outcome: String,
    /// The same in words.
    pub detail: String,
    /// Values that were turned down: objects with `field`, `value` and `reason`.
    pub rejected: Value,
}

/// Explains the player `id`.
///
/// # Errors
/// Usage when there is no such player; else the server's.
pub fn explain(client: &mut Client, id: i32) -> Result<Explanation> {
    let mut transaction = client.build_transaction().read_only(true).start()?;
    let player = store::read_players(&mut transaction, &[id])?
        .remove(&id)
        .ok_or_else(|| Error::usage(format!("there is no player {id}")))?;
    let values = transaction
        .query(include_str!("../../sql/players/values_read.sql"), &[&id])
        .context(|| "reading where values came from")?;
    let fields = Field::ALL.into_iter().map(|field| {
        let value = player.facts.get(&field).cloned();
        // A value that somebody has changed since is not the source's any more.
        let row = values.iter().find(|row| {
            row.get::<_, &str>("field") == field.name() && row.get::<_, Option<String>>("value") == value
        });
        let given_by = row.map(|row| Given {
            provider: row.get("provider"),
            origin: row.get("origin"),
            given_at: time_text(row.get("given_at")),
        });
        Known { field: field.name(), value, given_by }
    });
    let fields = fields.collect();
    let tries = transaction
        .query(include_str!("../../sql/players/tries_read.sql"), &[&id])
        .context(|| "reading when sources were asked")?;
    let tries = tries.iter().map(|row| LastTry {
        provider: row.get("provider"),
        tries: row.get("tries"),
        tried_at: time_text(row.get("tried_at")),
        next_try_at: time_text(row.get("next_try_at")),
        outcome: row.get("outcome"),
        detail: row.get("detail"),
        rejected: row.get("rejected"),
    });
    let tries = tries.collect();
    Ok(Explanation { schema_version: SCHEMA_VERSION, player_id: id, name: player.name, fields, tries })
}

/// The time of a column, which is UTC.
fn time_text(time: PrimitiveDateTime) -> String {
    timestamp(time.assume_utc())
}
