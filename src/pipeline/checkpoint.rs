//! Checkpoints of stages: where the last run came to, one JSON value a key. Written in the transaction of the data.

use postgres::GenericClient;
use serde_json::Value;
use time::OffsetDateTime;

use crate::db::{OneTrip, utc};
use crate::error::{Context, Result};

/// The checkpoint `key`; None when there is none yet.
///
/// # Errors
/// The server's.
pub fn read(client: &mut impl GenericClient, key: &str) -> Result<Option<Value>> {
    let row = client
        .row_if_any(include_str!("../../sql/pipeline/checkpoint_read.sql"), &[&key])
        .context(|| "reading the checkpoint")?;
    Ok(row.map(|row| row.get(0)))
}

/// Writes the checkpoint `key`.
///
/// # Errors
/// The server's.
pub fn write(client: &mut impl GenericClient, key: &str, value: &Value, now: OffsetDateTime) -> Result<()> {
    client
        .change(include_str!("../../sql/pipeline/checkpoint_write.sql"), &[&key, value, &utc(now)])
        .context(|| "writing the checkpoint")?;
    Ok(())
}
