//! The queue of tasks in `scrape_queue`, one a feed file: queueing, claiming, completing, failing. Rows of other task
//! types belong to others and are never touched.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use postgres::{Client, GenericClient, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::archive::Bounds;
use super::temporal::parse_date;
use crate::db::{OneTrip, utc};
use crate::error::{Context, Error, Result};
use crate::pipeline::lock;

/// A task is tried so often.
const ATTEMPTS_MAX: i32 = 3;
/// The lock that a worker holds on its task has this class, and the task's id as its object.
const TASK_LOCK_NAME: &str = "teelo_ingest_task";

/// What a task says about its file: `scrape_queue.task_params`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskParams {
    /// The feed folder, as an absolute path.
    pub folder: String,
    /// The file's name in it.
    pub file_name: String,
    /// The tours that `--tours` selects it by, separated by commas.
    pub tour: String,
    /// Of the file when it was found.
    pub size_bytes: u64,
    /// Of the file when it was found; None when it could not be read.
    pub sha256: Option<String>,
    /// `--from`, as YYYY-MM-DD.
    pub from: Option<String>,
    /// `--until`, as YYYY-MM-DD.
    pub until: Option<String>,
}

impl TaskParams {
    /// The file's path.
    pub fn path(&self) -> PathBuf {
        Path::new(&self.folder).join(&self.file_name)
    }

    /// The bounds on an event's start.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            from: self.from.as_deref().and_then(parse_date),
            until: self.until.as_deref().and_then(parse_date),
        }
    }
}

/// A task that waits, is worked on, or failed for good.
#[derive(Debug)]
pub struct OpenTask {
    /// Its row in the queue.
    pub id: i32,
    /// What to do; None when somebody else wrote it and it cannot be read.
    pub params: Option<TaskParams>,
    /// `pending`, `retry`, `in_progress` or `failed`.
    pub status: String,
    /// When it is tried again, UTC.
    pub next_retry_at: Option<PrimitiveDateTime>,
    /// Why it failed.
    pub last_error: Option<String>,
}

/// The open tasks of `folders` by folder and file name: of several tasks of a file the one that waits, else the latest.
///
/// # Errors
/// The server's.
pub fn read_open(
    client: &mut impl GenericClient,
    folders: &[String],
) -> Result<HashMap<(String, String), OpenTask>> {
    let rows = client
        .rows(include_str!("../../sql/ingest/tasks_read.sql"), &[&folders])
        .context(|| "reading the queue")?;
    let mut tasks = HashMap::new();
    for row in rows {
        let key = (row.get("folder"), row.get::<_, Option<String>>("file_name").unwrap_or_default());
        let task = OpenTask {
            id: row.get("id"),
            params: serde_json::from_value(row.get("task_params")).ok(),
            status: row.get("status"),
            next_retry_at: row.get("next_retry_at"),
            last_error: row.get("last_error"),
        };
        tasks.insert(key, task);
    }
    Ok(tasks)
}

/// Queues new tasks with their priorities, their ids in this order.
///
/// # Errors
/// The server's.
pub fn create(
    transaction: &mut Transaction<'_>,
    tasks: &[(TaskParams, i32)],
    now: OffsetDateTime,
) -> Result<()> {
    let params = tasks
        .iter()
        .map(|(task, _)| serde_json::to_value(task))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let priorities: Vec<i32> = tasks.iter().map(|(_, priority)| *priority).collect();
    transaction
        .change(
            include_str!("../../sql/ingest/tasks_create.sql"),
            &[&params, &priorities, &ATTEMPTS_MAX, &utc(now)],
        )
        .context(|| "queueing files")?;
    Ok(())
}

/// Begins waiting tasks anew with other content of their files.
///
/// # Errors
/// The server's.
pub fn renew(transaction: &mut Transaction<'_>, tasks: &[(i32, TaskParams)]) -> Result<()> {
    let ids: Vec<i32> = tasks.iter().map(|(id, _)| *id).collect();
    let params = tasks
        .iter()
        .map(|(_, task)| serde_json::to_value(task))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    transaction
        .change(include_str!("../../sql/ingest/tasks_renew.sql"), &[&ids, &params])
        .context(|| "renewing tasks")?;
    Ok(())
}

/// Drops our tasks that are not finished. Returns how many.
///
/// # Errors
/// The server's.
pub fn clear(client: &mut Client) -> Result<u64> {
    client.change(include_str!("../../sql/ingest/queue_clear.sql"), &[]).context(|| "clearing the queue")
}

/// A claimed task: this session holds its lock.
#[derive(Debug)]
pub struct Task {
    /// Its row in the queue.
    pub id: i32,
    /// What to do.
    pub params: TaskParams,
    /// The same as it stands in the queue.
    pub(super) stored_params: Value,
}

/// Claims the first task of `folders` and `tours` that is due and that nobody works on, by priority, then age. A task whose
/// worker died is due. `seen` are tasks that this run has already had: it takes each once.
///
/// # Errors
/// The server's.
pub fn claim(
    client: &mut Client,
    folders: &[String],
    tours: &[&str],
    seen: &mut Vec<i32>,
    now: OffsetDateTime,
) -> Result<Option<Task>> {
    let class = task_lock_class();
    loop {
        let first = client
            .row_if_any(
                include_str!("../../sql/ingest/task_claim.sql"),
                &[&folders, &tours, &utc(now), &*seen, &class],
            )
            .context(|| "claiming a task")?;
        let Some(row) = first else { return Ok(None) };
        let id: i32 = row.get("id");
        seen.push(id);
        if let Some(stored_params) = row.get::<_, Option<Value>>("task_params") {
            let params = serde_json::from_value(stored_params.clone()).unwrap_or_default();
            return Ok(Some(Task { id, params, stored_params }));
        }
    }
}

/// How many tasks of `folders` and `tours` are in progress that are not among `seen`: others work on them, or died.
///
/// # Errors
/// The server's.
pub fn count_held(client: &mut Client, folders: &[String], tours: &[&str], seen: &[i32]) -> Result<i64> {
    let row = client
        .row(include_str!("../../sql/ingest/tasks_held.sql"), &[&folders, &tours, &seen])
        .context(|| "looking for tasks in progress")?;
    Ok(row.get(0))
}

impl Task {
    /// Marks the task as failed: it is tried again later, unless its attempts are used up. Returns when, UTC.
    ///
    /// # Errors
    /// The server's.
    pub fn fail(
        &self,
        client: &mut Client,
        reason: &Error,
        now: OffsetDateTime,
    ) -> Result<Option<PrimitiveDateTime>> {
        let row = client
            .row_if_any(
                include_str!("../../sql/ingest/task_fail.sql"),
                &[&self.id, &reason.to_string(), &utc(now)],
            )
            .context(|| "marking the task as failed")?;
        Ok(row.and_then(|row| row.get("next_retry_at")))
    }
}

/// The upper half of the lock's key.
fn task_lock_class() -> i32 {
    (lock::key_of_name(TASK_LOCK_NAME) >> 32) as i32
}
