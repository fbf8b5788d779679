//! The note of what was ingested of a file: by it a file that has not changed is not read again.

use postgres::Transaction;
use time::OffsetDateTime;

use super::outcome::Outcome;
use super::queue::Task;
use crate::db::{OneTrip, utc};
use crate::error::{Context, Result};

/// Notes what was ingested of a file of this size and content.
///
/// # Errors
/// The server's.
pub fn write(
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
            include_str!("../../sql/ingest/feed_file_write.sql"),
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
            ],
        )
        .context(|| "noting what was ingested")?;
    Ok(())
}

/// Notes the entries of the review queue that a document waits for.
///
/// # Errors
/// The server's.
pub fn write_reviews(transaction: &mut Transaction<'_>, task: &Task, outcome: &Outcome) -> Result<()> {
    transaction
        .change(
            include_str!("../../sql/ingest/feed_file_reviews_write.sql"),
            &[&task.params.folder, &task.params.file_name, &outcome.review_ids],
        )
        .context(|| "noting whom the file waits for")?;
    Ok(())
}
