//! The rows of `pipeline_runs` and `pipeline_stage_runs`, written by the session that holds the lock, so that a
//! run that lost its lock cannot write them.

use postgres::Client;
use serde_json::Value;
use time::OffsetDateTime;

use super::summary::{StageRecord, Summary};
use crate::db::{OneTrip, utc};
use crate::error::{Context, Error, Result};

/// Records that the run begins under the lock `key`, and that older runs which are still `running` are not, unless somebody holds
/// the other lock that they began under. Returns their ids.
///
/// # Errors
/// The server's.
pub fn begin(client: &mut Client, run_id: &str, key: i64, now: OffsetDateTime) -> Result<Vec<String>> {
    let rows = client
        .rows(include_str!("../../sql/pipeline/run_begin.sql"), &[&utc(now), &run_id, &key])
        .context(|| "recording the run's start")?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Records a stage that begins (`running`) or is passed over (`skipped`).
///
/// # Errors
/// The server's.
pub fn insert_stage(client: &mut Client, run_id: &str, record: &StageRecord) -> Result<()> {
    let started_at = utc(record.started_at);
    let ended_at = record.ended_at.map(utc);
    let error_text = record.error_text.as_deref().map(storable_text);
    client
        .change(
            include_str!("../../sql/pipeline/stage_run_insert.sql"),
            &[&run_id, &record.name, &started_at, &ended_at, &record.status.as_str(), &error_text],
        )
        .context(|| format!("recording the start of {}", record.name))?;
    Ok(())
}

/// Records how a stage ended, at `now`.
///
/// # Errors
/// The server's; or the row is not `running` any more.
pub fn finish_stage(
    client: &mut Client,
    run_id: &str,
    record: &StageRecord,
    now: OffsetDateTime,
) -> Result<()> {
    let place = || format!("recording the end of {}", record.name);
    let metrics = record.metrics.as_ref().map(|metrics| storable_json(metrics.to_json()).to_string());
    let error_text = record.error_text.as_deref().map(storable_text);
    let count = client
        .change(
            include_str!("../../sql/pipeline/stage_run_finish.sql"),
            &[&run_id, &record.name, &utc(now), &record.status.as_str(), &metrics, &error_text],
        )
        .context(place)?;
    expect_one(count).context(place)
}

/// Records how the run ended, at `now`.
///
/// # Errors
/// The server's; or the row is not `running` any more.
pub fn finish_run(client: &mut Client, summary: &Summary, now: OffsetDateTime) -> Result<()> {
    let place = || "recording the run's end";
    let text = storable_json(summary.to_json()).to_string();
    let count = client
        .change(
            include_str!("../../sql/pipeline/run_finish.sql"),
            &[&summary.run_id, &utc(now), &summary.status.as_str(), &text],
        )
        .context(place)?;
    expect_one(count).context(place)
}

/// Exactly one row was `running`.
fn expect_one(count: u64) -> Result<()> {
    match count {
        1 => Ok(()),
        _ => Err(Error::failed("the row is not running any more; somebody else has changed it")),
    }
}

/// PostgreSQL's text has no NUL, but a program's output may.
fn storable_text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The same for every string and key of a JSON value: jsonb refuses `\u0000`.
fn storable_json(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(storable_text(&text)),
        Value::Array(values) => values.into_iter().map(storable_json).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (storable_text(&name), storable_json(value))).collect()
        }
        other => other,
    }
}
