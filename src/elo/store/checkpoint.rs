//! The parameters in force, and the stage's checkpoint.

use postgres::GenericClient;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::db::OneTrip;
use crate::elo::params::Parameters;
use crate::elo::replay::Position;
use crate::error::{Context, Error, Result};
use crate::pipeline::checkpoint;

/// The stage's checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The last position that was rated.
    pub position: Option<Position>,
}

/// The parameters in force: the newest active set, else the defaults.
///
/// # Errors
/// The set is wrong (its name and the key are told), or the server's.
pub fn read_parameters(client: &mut impl GenericClient) -> Result<Parameters> {
    let rows = client
        .rows(include_str!("../../../sql/elo/parameters_read.sql"), &[])
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
    let row = client.row_if_any(include_str!("../../../sql/elo/version_latest.sql"), &[])?;
    Ok(row.map(|row| row.get(0)))
}

/// The checkpoint `key`: the cursor, and the fingerprint of the parameters that the ratings were made with.
///
/// # Errors
/// The server's.
pub fn read_checkpoint(client: &mut impl GenericClient, key: &str) -> Result<(Cursor, Option<String>)> {
    let Some(value) = checkpoint::read(client, key)? else { return Ok((Cursor::default(), None)) };
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
    checkpoint::write(client, key, &checkpoint_value(cursor, parameters, now), now)
}

/// What the checkpoint holds.
pub(super) fn checkpoint_value(cursor: Cursor, parameters: &Parameters, now: OffsetDateTime) -> Value {
    let mut value = json!({
        "updated_at": crate::pipeline::status_log::timestamp(now),
        "parameters": parameters.fingerprint(),
        "parameters_version": parameters.version,
    });
    if let Some(position) = cursor.position {
        value["cursor"] =
            json!({"last_temporal_order": position.temporal_order, "last_match_id": position.match_id});
    }
    value
}
