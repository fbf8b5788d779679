//! The runs of the past and the one that is on, with their stages, as the tables tell.

use std::collections::HashMap;

use postgres::{Client, IsolationLevel, Row, Transaction};
use serde::Serialize;
use serde_json::Value;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::error::{Context, Error, Result};
use crate::pipeline::lock::{self, Holder};
use crate::pipeline::status_log::timestamp;

/// Grows when a field changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;
/// What the table says of a run that has not recorded its end.
pub(super) const RUNNING: &str = "running";
/// What we say of such a run when nobody holds the lock any more.
pub const DIED: &str = "died";

/// A run.
#[derive(Debug, Serialize)]
pub struct Run {
    /// Its id.
    pub run_id: String,
    /// As the table has it, but [`DIED`] when it did not end and the lock is not its own.
    pub status: String,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// How long ago it began, in seconds.
    pub age_s: f64,
    /// How long it lasted, in seconds; None when it has not ended.
    pub duration_s: Option<f64>,
    /// What kept the run itself from going on.
    pub error_text: Option<String>,
    /// Its stages, in order.
    pub stages: Vec<StageRun>,
}

/// A stage of a run.
#[derive(Debug, Serialize)]
pub struct StageRun {
    /// Its name.
    pub name: String,
    /// As [`Run::status`].
    pub status: String,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// How long it lasted, in seconds; None when it has not ended.
    pub duration_s: Option<f64>,
    /// What went wrong, or why it was skipped.
    pub error_text: Option<String>,
    /// Its numbers, null when it left none; None when they were not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Value>,
}

/// The time of a report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(pub(super) OffsetDateTime);

impl Clock {
    /// How long ago `then` (UTC) was, in seconds.
    pub(super) fn age_s(self, then: PrimitiveDateTime) -> f64 {
        seconds_between(then, crate::db::utc(self.0))
    }
}

/// From `start` to `end`, in seconds.
fn seconds_between(start: PrimitiveDateTime, end: PrimitiveDateTime) -> f64 {
    ((end - start).as_seconds_f64() * 1000.0).round() / 1000.0
}

/// A time of the tables, as text.
pub(super) fn shown(time: PrimitiveDateTime) -> String {
    timestamp(time.assume_utc())
}

/// Who holds the pipeline's lock, and which runs had no end just before. A run records its end before it gives the lock back: it
/// died when it had begun before the lock was seen free, and had not ended after.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) holder: Option<Holder>,
    running: Vec<String>,
}

impl Sight {
    pub(super) fn take(client: &mut Client, lock_key: i64) -> Result<Self> {
        let rows = client
            .query(include_str!("../../sql/report/runs_list_running.sql"), &[])
            .context(|| "reading pipeline_runs")?;
        let running = rows.iter().map(|row| row.get(0)).collect();
        Ok(Self { holder: lock::holder(client, lock_key)?, running })
    }

    /// Says whether a run that has no end died. Whoever holds the lock is the newest one's session: an older run has lost it.
    fn mark(&self, run: &mut Run, newest: &str) {
        let has_died =
            if self.holder.is_some() { run.run_id != newest } else { self.running.contains(&run.run_id) };
        if run.status == RUNNING && has_died {
            run.status = DIED.to_owned();
            for stage in run.stages.iter_mut().filter(|stage| stage.status == RUNNING) {
                stage.status = DIED.to_owned();
            }
        }
    }
}

/// A transaction that sees one state of all tables, writes nothing, and does not wait for long.
pub(super) fn snapshot(client: &mut Client) -> Result<Transaction<'_>> {
    let place = || "reading how things stand";
    let mut snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .context(place)?;
    snapshot.batch_execute(include_str!("../../sql/report/transaction_configure.sql")).context(place)?;
    Ok(snapshot)
}

/// The last `limit` runs, newest first.
pub(super) fn read_last(
    snapshot: &mut Transaction<'_>,
    sight: &Sight,
    limit: i64,
    clock: Clock,
) -> Result<Vec<Run>> {
    let rows = snapshot
        .query(include_str!("../../sql/report/runs_list.sql"), &[&limit])
        .context(|| "reading pipeline_runs")?;
    let mut runs: Vec<Run> = rows.iter().map(|row| run(row, clock)).collect();
    let run_ids: Vec<&str> = runs.iter().map(|run| run.run_id.as_str()).collect();
    let rows = snapshot
        .query(include_str!("../../sql/report/stage_runs_list.sql"), &[&run_ids])
        .context(|| "reading pipeline_stage_runs")?;
    let mut stages: HashMap<String, Vec<StageRun>> = HashMap::new();
    for row in &rows {
        stages.entry(row.get("run_id")).or_default().push(stage_run(row));
    }
    let newest = runs.first().map(|run| run.run_id.clone()).unwrap_or_default();
    for run in &mut runs {
        run.stages = stages.remove(&run.run_id).unwrap_or_default();
        sight.mark(run, &newest);
    }
    Ok(runs)
}

/// The last runs.
#[derive(Debug, Serialize)]
pub struct History {
    schema_version: u32,
    /// The time to which all ages refer.
    pub checked_at: String,
    /// Newest first.
    pub runs: Vec<Run>,
}

/// The last `limit` runs at `now`. The pipeline's lock is `lock_key`.
///
/// # Errors
/// The server's.
pub fn history(client: &mut Client, lock_key: i64, limit: i64, now: OffsetDateTime) -> Result<History> {
    let sight = Sight::take(client, lock_key)?;
    let runs = read_last(&mut snapshot(client)?, &sight, limit, Clock(now))?;
    Ok(History { schema_version: SCHEMA_VERSION, checked_at: timestamp(now), runs })
}

/// One run with all that is known of it.
#[derive(Debug, Serialize)]
pub struct Detail {
    schema_version: u32,
    /// The time to which its age refers.
    pub checked_at: String,
    /// The folder of its files, on the machine where it ran; None when it did not record one.
    pub artifacts: Option<String>,
    /// The run; its stages have their metrics.
    pub run: Run,
}

/// The run at `now` whose id is `wanted` or, alone, begins so. The pipeline's lock is `lock_key`.
///
/// # Errors
/// Usage: there is none, or more than one. The server's.
pub fn detail(client: &mut Client, lock_key: i64, wanted: &str, now: OffsetDateTime) -> Result<Detail> {
    let sight = Sight::take(client, lock_key)?;
    let mut snapshot = snapshot(client)?;
    let rows = snapshot
        .query(include_str!("../../sql/report/run_find.sql"), &[&wanted])
        .context(|| "reading pipeline_runs")?;
    let row = match rows.as_slice() {
        [] => {
            return Err(Error::usage(format!("there is no run {wanted:?}; `teelo runs` lists them")));
        }
        [first, _] if first.get::<_, String>("run_id") != wanted => {
            return Err(Error::usage(format!(
                "several runs begin with {wanted:?}; give more of the id: `teelo runs` lists them"
            )));
        }
        [first, ..] => first,
    };
    let mut run = run(row, Clock(now));
    let stages = snapshot
        .query(include_str!("../../sql/report/stage_runs_detail.sql"), &[&run.run_id])
        .context(|| "reading pipeline_stage_runs")?;
    run.stages = stages
        .iter()
        .map(|row| StageRun {
            metrics: Some(row.get::<_, Option<Value>>("metrics").into()),
            ..stage_run(row)
        })
        .collect();
    sight.mark(&mut run, row.get("newest"));
    Ok(Detail {
        schema_version: SCHEMA_VERSION,
        checked_at: timestamp(now),
        artifacts: row.get("artifacts"),
        run,
    })
}

fn run(row: &Row, clock: Clock) -> Run {
    let started_at: PrimitiveDateTime = row.get("started_at");
    let ended_at: Option<PrimitiveDateTime> = row.get("ended_at");
    Run {
        run_id: row.get("run_id"),
        status: row.get("status"),
        started_at: shown(started_at),
        ended_at: ended_at.map(shown),
        age_s: clock.age_s(started_at),
        duration_s: ended_at.map(|ended_at| seconds_between(started_at, ended_at)),
        error_text: row.get("error_text"),
        stages: Vec::new(),
    }
}

fn stage_run(row: &Row) -> StageRun {
    let started_at: PrimitiveDateTime = row.get("started_at");
    let ended_at: Option<PrimitiveDateTime> = row.get("ended_at");
    StageRun {
        name: row.get("stage_name"),
        status: row.get("status"),
        started_at: shown(started_at),
        ended_at: ended_at.map(shown),
        duration_s: ended_at.map(|ended_at| seconds_between(started_at, ended_at)),
        error_text: row.get("error_text"),
        metrics: None,
    }
}
