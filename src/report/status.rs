//! How the pipeline stands: its last runs, who holds its lock, what waits, and how fresh the database is. Reads only, and takes
//! no lock, so that it can be asked at any time.

use std::path::Path;

use postgres::{Client, Row, Transaction};
use serde::Serialize;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::runs::{self, Clock, RUNNING, Run, Sight, shown};
use crate::error::{Context, Result};
use crate::pipeline::lock::Holder;
use crate::pipeline::status_log::timestamp;

/// Grows when a field changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;
/// Enough to tell one bad run from a series of them.
const RUNS_MAX: i64 = 5;
/// More failed files than this have one cause.
const TASKS_MAX: i64 = 1000;
/// A run that begins between our looks at rows and lock makes us look again; the second one cannot begin so soon.
const LOOKS_MAX: usize = 3;

/// How things stand.
#[derive(Debug, Serialize)]
pub struct Report {
    schema_version: u32,
    /// The time to which all ages refer.
    pub checked_at: String,
    /// How long ago the database was brought up to date.
    pub freshness: Freshness,
    /// Who holds the pipeline's lock; None when it is free.
    pub lock_holder: Option<Holder>,
    /// The last runs, newest first.
    pub runs: Vec<Run>,
    /// What waits to be rated.
    pub pending: Pending,
    /// The feed files that are to be ingested.
    pub queue: Queue,
    /// Names that wait for a person's decision.
    pub reviews_waiting: i64,
}

/// How long ago a run last did its work.
#[derive(Debug, Serialize)]
pub struct Freshness {
    /// That run; None when there was none.
    pub last_successful: Option<Successful>,
    /// The greatest age that is asked for.
    pub max_age_minutes: Option<f64>,
    /// Whether that run is not older; None when nothing is asked for.
    pub is_fresh: Option<bool>,
}

/// A run with the status `success` or `partial`.
#[derive(Debug, Serialize)]
pub struct Successful {
    /// Its id.
    pub run_id: String,
    /// Its status.
    pub status: String,
    /// When it ended.
    pub ended_at: String,
    /// How long ago that was, in seconds; negative when its clock was ahead of ours.
    pub age_s: f64,
}

/// What waits to be rated.
#[derive(Debug, Serialize)]
pub struct Pending {
    /// Changes that were noted: rows of `elo_pending`.
    pub changes: i64,
    /// The earliest position among them; None when there is none, or none of a match that is rated.
    pub earliest: Option<EarliestPending>,
}

/// Where rating begins again.
#[derive(Debug, Serialize)]
pub struct EarliestPending {
    /// `matches.temporal_order`
    pub temporal_order: i64,
    /// `matches.id`; the match may be gone.
    pub match_id: i32,
    /// Whether every match from there on is rated again: other parameters, or a run that was interrupted.
    pub every_match: bool,
}

/// The feed files in the queue, by status.
#[derive(Debug, Serialize)]
pub struct Queue {
    /// Wait for a worker.
    pub pending: i64,
    /// A worker has them, or died.
    pub in_progress: i64,
    /// Failed, and are tried again.
    pub retry: i64,
    /// Failed for good.
    pub failed: i64,
    /// Failed for good, before their file changed and was queued anew.
    pub failed_replaced: i64,
    /// Done.
    pub completed: i64,
    /// Those of `failed` and `retry`, the first thousand.
    pub failures: Vec<FailedTask>,
}

/// A feed file that could not be ingested.
#[derive(Debug, Serialize)]
pub struct FailedTask {
    /// Its row in the queue.
    pub id: i32,
    /// Its path; None when the task does not name it.
    pub file: Option<String>,
    /// `failed` or `retry`.
    pub status: String,
    /// How often it was tried.
    pub attempts: i32,
    /// How often it may be.
    pub max_attempts: i32,
    /// When it is tried again.
    pub next_attempt_at: Option<String>,
    /// In how many seconds; negative when it is due.
    pub next_attempt_in_s: Option<f64>,
    /// Why it failed the last time.
    pub error: Option<String>,
}

/// Finds out how things stand at `now`. The pipeline's lock is `lock_key`; the last successful run should be not older than
/// `max_age_minutes`.
///
/// # Errors
/// The server's.
pub fn load(
    client: &mut Client,
    lock_key: i64,
    max_age_minutes: Option<f64>,
    now: OffsetDateTime,
) -> Result<Report> {
    let clock = Clock(now);
    let mut report = look(client, lock_key, max_age_minutes, clock)?;
    for _ in 1..LOOKS_MAX {
        if report.lock_holder.is_some() || report.runs.iter().all(|run| run.status != RUNNING) {
            break;
        }
        report = look(client, lock_key, max_age_minutes, clock)?;
    }
    Ok(report)
}

/// Looks once. A run that begins while we look is left as `running`, without a holder.
fn look(client: &mut Client, lock_key: i64, max_age_minutes: Option<f64>, clock: Clock) -> Result<Report> {
    let sight = Sight::take(client, lock_key)?;
    let mut snapshot = runs::snapshot(client)?;
    let runs = runs::read_last(&mut snapshot, &sight, RUNS_MAX, clock)?;
    Ok(Report {
        schema_version: SCHEMA_VERSION,
        checked_at: timestamp(clock.0),
        freshness: read_freshness(&mut snapshot, max_age_minutes, clock)?,
        lock_holder: sight.holder,
        runs,
        pending: read_pending(&mut snapshot)?,
        queue: read_queue(&mut snapshot, clock)?,
        reviews_waiting: snapshot
            .query_one(include_str!("../../sql/report/reviews_count.sql"), &[])
            .context(|| "reading player_review_queue")?
            .get(0),
    })
}

fn read_freshness(
    snapshot: &mut Transaction<'_>,
    max_age_minutes: Option<f64>,
    clock: Clock,
) -> Result<Freshness> {
    let row = snapshot
        .query_opt(include_str!("../../sql/report/run_find_successful.sql"), &[])
        .context(|| "reading pipeline_runs")?;
    let last_successful = row.map(|row| {
        let ended_at: PrimitiveDateTime = row.get("ended_at");
        Successful {
            run_id: row.get("run_id"),
            status: row.get("status"),
            ended_at: shown(ended_at),
            age_s: clock.age_s(ended_at),
        }
    });
    let age_s = last_successful.as_ref().map(|run| run.age_s);
    let is_fresh = max_age_minutes.map(|minutes| is_fresh(age_s, minutes));
    Ok(Freshness { last_successful, max_age_minutes, is_fresh })
}

/// Whether a run that ended `age_s` ago is recent. One that ends far in the future tells of a wrong clock, not of fresh data.
fn is_fresh(age_s: Option<f64>, max_age_minutes: f64) -> bool {
    age_s.is_some_and(|age_s| age_s.abs() <= max_age_minutes * 60.0)
}

fn read_pending(snapshot: &mut Transaction<'_>) -> Result<Pending> {
    let row = snapshot
        .query_one(include_str!("../../sql/report/pending_summarize.sql"), &[])
        .context(|| "reading elo_pending")?;
    let temporal_order: Option<i64> = row.get("temporal_order");
    let earliest = temporal_order.map(|temporal_order| EarliestPending {
        temporal_order,
        match_id: row.get("match_id"),
        every_match: row.get("is_every_match"),
    });
    Ok(Pending { changes: row.get("changes"), earliest })
}

fn read_queue(snapshot: &mut Transaction<'_>, clock: Clock) -> Result<Queue> {
    let place = || "reading scrape_queue";
    let counts = snapshot.query_one(include_str!("../../sql/report/tasks_count.sql"), &[]).context(place)?;
    let failures = snapshot
        .query(include_str!("../../sql/report/tasks_list_failed.sql"), &[&TASKS_MAX])
        .context(place)?;
    Ok(Queue {
        pending: counts.get("pending"),
        in_progress: counts.get("in_progress"),
        retry: counts.get("retry"),
        failed: counts.get("failed"),
        failed_replaced: counts.get("failed_replaced"),
        completed: counts.get("completed"),
        failures: failures.iter().map(|row| failed_task(row, clock)).collect(),
    })
}

fn failed_task(row: &Row, clock: Clock) -> FailedTask {
    let folder: Option<String> = row.get("folder");
    let file_name: Option<String> = row.get("file_name");
    let next_attempt_at: Option<PrimitiveDateTime> = row.get("next_retry_at");
    FailedTask {
        id: row.get("id"),
        file: file_name.map(|name| Path::new(&folder.unwrap_or_default()).join(name).display().to_string()),
        status: row.get("status"),
        attempts: row.get("attempts"),
        max_attempts: row.get("max_attempts"),
        next_attempt_at: next_attempt_at.map(shown),
        next_attempt_in_s: next_attempt_at.map(|at| -clock.age_s(at)),
        error: row.get("last_error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_run_that_ended_close_to_now_is_fresh() {
        assert!(is_fresh(Some(60.0), 1.0));
        assert!(!is_fresh(Some(60.1), 1.0));
        assert!(is_fresh(Some(-3.0), 1.0), "the clocks of two machines differ a little");
        assert!(!is_fresh(Some(-7200.0), 60.0), "a clock was far ahead");
        assert!(!is_fresh(None, 1e9));
    }
}
