//! What a run did, as `summary.json`, `summary_json` and `--metrics-json` show it.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::metrics::{Metrics, Status};
use super::stages::Stage;
use super::status_log::timestamp;
use crate::error::{EXIT_DEADLINE, EXIT_DONE, EXIT_FAILED, EXIT_PARTIAL, exit_of_signal};
use crate::stop::Reason;

/// Grows when a field changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    schema_version: u32,
    /// Its id.
    pub run_id: String,
    /// How it stands.
    pub status: Status,
    /// When it began.
    #[serde(serialize_with = "serialize_time")]
    pub started_at: OffsetDateTime,
    /// When it ended; None while it runs.
    #[serde(serialize_with = "serialize_optional_time")]
    pub ended_at: Option<OffsetDateTime>,
    /// Wall time so far, in seconds.
    pub duration_s: f64,
    /// The folder of its files.
    pub artifacts: PathBuf,
    /// Older runs that had died without recording a result.
    pub abandoned_runs: Vec<String>,
    /// Every stage, in order; while the run lasts, those that have ended.
    pub stages: Vec<StageRecord>,
    /// What kept the run itself from going on: a lost session, a full disk.
    pub error_text: Option<String>,
    /// Whether a stage was stopped, or not begun, because the run had lasted as long as it may.
    pub deadline_reached: bool,
    /// The signal because of which a stage was stopped, or not begun.
    pub signal: Option<i32>,
}

/// One stage of a run.
#[derive(Debug, Clone, Serialize)]
pub struct StageRecord {
    /// Its name.
    pub name: &'static str,
    /// Whether its failure is the run's.
    pub required: bool,
    /// How it stands.
    pub status: Status,
    /// When it began, or was passed over.
    #[serde(serialize_with = "serialize_time")]
    pub started_at: OffsetDateTime,
    /// When it ended; None while it runs.
    #[serde(serialize_with = "serialize_optional_time")]
    pub ended_at: Option<OffsetDateTime>,
    /// Its numbers; None when it did not run.
    pub metrics: Option<Metrics>,
    /// What went wrong, or why it was skipped.
    pub error_text: Option<String>,
}

impl StageRecord {
    /// A stage that begins at `now`.
    pub fn running(stage: &Stage, now: OffsetDateTime) -> Self {
        Self {
            name: stage.name,
            required: stage.required,
            status: Status::Running,
            started_at: now,
            ended_at: None,
            metrics: None,
            error_text: None,
        }
    }

    /// A stage that does not run.
    pub fn skipped(stage: &Stage, reason: String, now: OffsetDateTime) -> Self {
        let record = Self::running(stage, now);
        Self { status: Status::Skipped, ended_at: Some(now), error_text: Some(reason), ..record }
    }
}

impl Summary {
    /// A run that begins.
    pub fn new(run_id: &str, started_at: OffsetDateTime, artifacts: PathBuf) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            run_id: run_id.to_owned(),
            status: Status::Running,
            started_at,
            ended_at: None,
            duration_s: 0.0,
            artifacts,
            abandoned_runs: Vec::new(),
            stages: Vec::new(),
            error_text: None,
            deadline_reached: false,
            signal: None,
        }
    }

    /// The summary as one JSON object.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    /// How a run ends whose stages ended so.
    pub fn final_status(&self) -> Status {
        let failed = |stage: &StageRecord| matches!(stage.status, Status::Failed | Status::Interrupted);
        if self.signal.is_some() {
            Status::Interrupted
        } else if self.stages.iter().any(|stage| stage.required && failed(stage)) {
            Status::Failed
        } else if self.deadline_reached {
            Status::TimedOut
        } else if self.error_text.is_some() {
            Status::Failed
        } else if self.stages.iter().any(|stage| failed(stage) || stage.status == Status::Partial) {
            Status::Partial
        } else {
            Status::Success
        }
    }

    /// Notes that the process has to end.
    pub fn note_stop(&mut self, reason: &Reason) {
        match reason {
            Reason::Deadline(_) => self.deadline_reached = true,
            Reason::Signal(number) => self.signal = Some(*number),
            Reason::LockLost(_) => {
                self.error_text.get_or_insert_with(|| reason.to_string());
            }
        }
    }

    /// The process's exit code for the run.
    pub fn exit_code(&self) -> u8 {
        match self.status {
            Status::Success => EXIT_DONE,
            Status::Partial => EXIT_PARTIAL,
            Status::TimedOut => EXIT_DEADLINE,
            Status::Interrupted => self.signal.map_or(EXIT_FAILED, exit_of_signal),
            _ => EXIT_FAILED,
        }
    }
}

fn serialize_time<S: serde::Serializer>(time: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&timestamp(*time))
}

fn serialize_optional_time<S: serde::Serializer>(
    time: &Option<OffsetDateTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serialize_time(time, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use Status::{Failed, Interrupted, Partial, Skipped, Success, TimedOut};

    use super::*;

    /// Whether each stage is required, and how it ended.
    type Stages = [(bool, Status)];

    /// A run of such stages.
    fn summary(stages: &Stages) -> Summary {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut summary = Summary::new("id", now, PathBuf::new());
        summary.stages = stages
            .iter()
            .map(|(required, status)| StageRecord {
                name: "stage",
                required: *required,
                status: *status,
                started_at: now,
                ended_at: Some(now),
                metrics: None,
                error_text: None,
            })
            .collect();
        summary.deadline_reached = stages.iter().any(|(_, status)| *status == TimedOut);
        summary
    }

    #[test]
    fn the_stages_decide_how_a_run_ends() {
        let cases: [(&Stages, Status, u8); 8] = [
            (&[(true, Success), (false, Success)], Success, 0),
            (&[(true, Success), (false, Skipped)], Success, 0),
            (&[(true, Success), (false, Failed)], Partial, 3),
            (&[(true, Partial), (true, Success)], Partial, 3),
            (&[(true, Failed), (true, Skipped)], Failed, 1),
            (&[(true, Interrupted), (true, Success)], Failed, 1),
            (&[(true, TimedOut), (true, Skipped)], TimedOut, 124),
            (&[(true, Failed), (false, TimedOut)], Failed, 1),
        ];
        for (stages, status, code) in cases {
            let mut summary = summary(stages);
            summary.status = summary.final_status();
            assert_eq!((summary.status, summary.exit_code()), (status, code), "{stages:?}");
        }
        let mut told = summary(&[(true, Failed), (true, Interrupted), (false, Skipped)]);
        told.signal = Some(15);
        told.status = told.final_status();
        assert_eq!((told.status, told.exit_code()), (Interrupted, 143));
        let mut lost = summary(&[(true, Success)]);
        lost.error_text = Some("the lock was lost".to_owned());
        assert_eq!(lost.final_status(), Failed);
        // What cannot be recorded any more is not why it ended.
        lost.deadline_reached = true;
        assert_eq!(lost.final_status(), TimedOut);
    }
}
