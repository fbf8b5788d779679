//! What a stage says about its work: a status, and numbers that a machine can read.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Context, Error, Kind, Result};
use crate::stop::{self, Reason};

/// What the name of a file ends with that is not whole yet.
pub const TEMPORARY_ENDING: &str = "tmp";

/// How a run or a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Under way.
    Running,
    /// Finished, everything worked.
    Success,
    /// Finished, but some records or an optional stage failed.
    Partial,
    /// Not finished.
    Failed,
    /// Not started.
    Skipped,
    /// Ended by a signal.
    Interrupted,
    /// Ended by the deadline.
    TimedOut,
    /// Left behind by a process that died.
    Abandoned,
}

impl Status {
    /// How something stands that was stopped.
    pub fn stopped(reason: &Reason) -> Self {
        match reason {
            Reason::Deadline(_) => Self::TimedOut,
            Reason::Signal(_) => Self::Interrupted,
            Reason::LockLost(_) => Self::Failed,
        }
    }

    /// The word that the tables and artifacts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Success => "success",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Interrupted => "interrupted",
            Self::TimedOut => "timed_out",
            Self::Abandoned => "abandoned",
        }
    }
}

/// Where a stage leaves what machines read, when the user asked for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageFiles {
    /// The stage's metrics, one JSON object, written at its end.
    pub metrics_json: Option<PathBuf>,
    /// The stage's events, appended as they happen.
    pub status_jsonl: Option<PathBuf>,
}

/// How a stage ended.
#[derive(Debug, Clone)]
pub struct StageReport {
    /// Success, Partial or Failed; when it was stopped, TimedOut or Interrupted.
    pub status: Status,
    /// Its numbers.
    pub metrics: Metrics,
    /// What went wrong, for a person.
    pub error_text: Option<String>,
    /// Whether it failed for want of the server: a session ended before its time, or none could be opened.
    pub lacked_server: bool,
}

impl StageReport {
    /// How a stage ended that got to its end.
    pub fn ended(status: Status, metrics: Metrics, error_text: Option<String>) -> Self {
        Self { status, metrics, error_text, lacked_server: false }
    }

    /// How a stage ended that did not get to its end: stopped, or because of `error`.
    pub fn cut_short(metrics: Metrics, error: &Error) -> Self {
        match stop::reason() {
            Some(reason) => Self::ended(Status::stopped(reason), metrics, Some(reason.to_string())),
            None => Self {
                lacked_server: matches!(
                    error.kind(),
                    Kind::SessionLost | Kind::ServerDown | Kind::Unreachable
                ),
                ..Self::ended(Status::Failed, metrics, Some(error.to_string()))
            },
        }
    }

    /// Writes the metrics to `path`, with the status and what went wrong.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: Option<&Path>) -> Result<()> {
        let Some(path) = path else { return Ok(()) };
        let mut metrics = self.metrics.clone();
        metrics.set("status", self.status.as_str());
        if let Some(text) = &self.error_text {
            metrics.set("error", text.as_str());
        }
        metrics.write(path)
    }
}

/// The numbers of one stage. The first five are required of every stage; `details` holds the stage's own.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Metrics {
    /// Wall time in seconds.
    pub duration_s: f64,
    /// Records looked at.
    pub records_scanned: u64,
    /// Records that did what they came for.
    pub records_processed: u64,
    /// Records that needed nothing, or cannot be used yet.
    pub records_skipped: u64,
    /// Records that are wrong.
    pub records_failed: u64,
    /// The stage's own numbers.
    #[serde(flatten)]
    pub details: Map<String, Value>,
}

impl Metrics {
    /// Sets a number of the stage's own.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.details.insert(name.to_owned(), value.into());
    }

    /// The metrics as one JSON object.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    /// Writes the metrics to `path`, by temporary file and rename.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        write_atomically(path, &self.to_json())
    }
}

/// Writes `value` to `path`, as [`write_text_atomically`].
///
/// # Errors
/// The file cannot be written.
pub fn write_atomically(path: &Path, value: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(value).context(|| format!("writing {}", path.display()))?;
    write_text_atomically(path, &format!("{text}\n"))
}

/// Writes `text` to `path` by temporary file, fsync and rename: a reader sees the old or the new, never half. The temporary file
/// does not stay when that fails.
///
/// # Errors
/// The file cannot be written.
pub fn write_text_atomically(path: &Path, text: &str) -> Result<()> {
    let place = || format!("writing {}", path.display());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).context(place)?;
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.{TEMPORARY_ENDING}", std::process::id()));
    let written = write_and_rename(Path::new(&temporary), path, text);
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written.context(place)
}

fn write_and_rename(temporary: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::create(temporary)?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(temporary, path)
}
