//! The end of a file: its task is done, and a note of what was ingested says so, by which a file that has not changed is not read again.

use postgres::Transaction;
use time::OffsetDateTime;

use super::outcome::Outcome;
use super::queue::Task;
use crate::db::{OneTrip, utc};
use crate::error::{Context, Result};

/// Completes `task`, and notes what was ingested of its file, of this size and content, and whom it waits for.
///
/// # Errors
/// The server's.
pub fn finish(
    transaction: &mut Transaction<'_>,
    task: &Task,
    (size_bytes, sha256): (u64, &str),
    outcome: &Outcome,
    now: OffsetDateTime,
) -> Result<()> {
    let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
    let (folder, file_name) = (&task.params.folder, &task.params.file_name);
    transaction
        .change(
            include_str!("../../sql/ingest/file_finish.sql"),
            &[
                folder,
                file_name,
                &i64::try_from(size_bytes).unwrap_or(i64::MAX),
                &sha256,
                &task.params.bounds().from,
                &task.params.bounds().until,
                &number(outcome.rows_read),
                &number(outcome.accepted()),
                &number(outcome.rejects.len() as u64),
                &number(outcome.duplicates),
                &number(outcome.out_of_range),
                &number(outcome.waiting),
                &utc(now),
                &outcome.review_ids,
                &task.id,
                &task.stored_params,
            ],
        )
        .context(|| "completing the task")?;
    Ok(())
}
