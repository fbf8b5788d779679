//! One run: the stages in order, with a trail of rows, files and events that says what happened.

use std::path::PathBuf;
use std::time::Duration;

use postgres::Client;
use serde_json::json;
use time::OffsetDateTime;

use super::artifacts::{Root, RunFolder};
use super::hooks::Hooks;
use super::metrics::{StageReport, Status, write_atomically};
use super::selection::Selection;
use super::stages::{self, STAGES, Stage};
use super::status_log::StatusLog;
use super::summary::{StageRecord, Summary};
use super::watch::{Stop, Watch};
use super::{audit, lock};
use crate::error::{Error, Result};
use crate::{db, migrations};

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database's address.
    pub database_url: String,
    /// Which stages.
    pub selection: Selection,
    /// Whether a required stage that fails ends the run.
    pub fail_fast: bool,
    /// How long the run may last.
    pub max_runtime: Duration,
    /// The advisory lock that no other run may hold.
    pub lock_key: i64,
    /// How long to wait for it.
    pub lock_timeout: Duration,
    /// Where the run's folder goes.
    pub artifacts: Root,
    /// What is called when the run begins and when it has ended.
    pub hooks: Hooks,
    /// Where the summary goes, besides the run's folder.
    pub metrics_json: Option<PathBuf>,
    /// Where the events go, besides the run's folder.
    pub status_jsonl: Option<PathBuf>,
}

/// Opens the run's session and takes the lock. Writes nothing.
///
/// # Errors
/// Unreachable; Usage when the tables are not up to date; LockHeld with the holder.
pub fn open(options: &Options) -> Result<Client> {
    let mut session = db::connect(&options.database_url, "run")?;
    migrations::require_current(&mut session)?;
    lock::acquire(&mut session, options.lock_key, "the pipeline", options.lock_timeout)?;
    Ok(session)
}

/// Runs the stages under the lock that `session` holds, as the run `run_id` that begins at `now`. `show` is called
/// with each stage that has ended. A stage that fails is in the summary, not an error. The lock is given back before the hook for the
/// run's end is called.
///
/// # Errors
/// The run could not begin: its folder or its first row cannot be written.
pub fn run(
    session: Client,
    options: &Options,
    settings: &stages::Settings,
    run_id: &str,
    now: OffsetDateTime,
    show: &mut dyn FnMut(&StageRecord),
) -> Result<Summary> {
    let mut run = Run::begin(session, options, settings, run_id, now)?;
    for stage in &STAGES {
        let record = match run.reason_to_skip(stage) {
            Some(reason) => run.skip(stage, reason),
            None => run.perform(stage),
        };
        show(&record);
        run.summary.stages.push(record);
        run.write_summary();
    }
    let summary = run.end();
    options.hooks.ended(&summary);
    Ok(summary)
}

/// A run under way.
struct Run<'a> {
    options: &'a Options,
    settings: &'a stages::Settings,
    /// Holds the lock and writes the rows; None once it is lost, so that nothing is written without the lock.
    session: Option<Client>,
    watch: Watch,
    folder: RunFolder,
    /// The run's own, and the one that the user asked for.
    events: [StatusLog; 2],
    /// Why no further stage may run.
    halted: Option<String>,
    summary: Summary,
}

impl<'a> Run<'a> {
    fn begin(
        mut session: Client,
        options: &'a Options,
        settings: &'a stages::Settings,
        run_id: &str,
        now: OffsetDateTime,
    ) -> Result<Self> {
        let watch = Watch::new(now, options.max_runtime);
        let folder = RunFolder::create(&options.artifacts.run_folder(run_id, now))?;
        let events = [
            StatusLog::open(Some(&folder.events_jsonl), "run")?,
            StatusLog::open(options.status_jsonl.as_deref(), "run")?,
        ];
        let mut summary = Summary::new(run_id, now, folder.path.clone());
        summary.abandoned_runs = audit::begin(&mut session, run_id, now)?;
        for abandoned in &summary.abandoned_runs {
            log::warn!("run {abandoned} had died without recording a result; it is now marked as abandoned");
        }
        let mut run =
            Self { options, settings, session: Some(session), watch, folder, events, halted: None, summary };
        let abandoned = run.summary.abandoned_runs.clone();
        run.event("run_started", json!({"run_id": run_id, "abandoned_runs": abandoned}));
        run.write_summary();
        let Self { session, watch, summary, .. } = &mut run;
        options.hooks.started(summary, &mut || session.as_mut().and_then(|session| watch.stop(session)));
        Ok(run)
    }

    /// Why `stage` is passed over; None when it is to run.
    fn reason_to_skip(&mut self, stage: &Stage) -> Option<String> {
        if let Some(reason) = self.options.selection.reason_to_skip(stage.name) {
            return Some(reason);
        }
        if self.halted.is_none() {
            let stop = self.session.as_mut().and_then(|session| self.watch.stop(session));
            self.halt_for(stop);
        }
        if self.halted.is_none()
            && let Some(session) = &mut self.session
        {
            match (stage.reason_to_skip)(self.settings, session, self.watch.now()) {
                Ok(None) => {}
                Ok(reason) => return reason,
                Err(error) => self.give_up(error),
            }
        }
        self.halted.clone()
    }

    /// Lets no further stage run when there is a reason to stop.
    fn halt_for(&mut self, stop: Option<Stop>) {
        match stop {
            None => {}
            Some(Stop::Deadline) => {
                self.summary.deadline_reached = true;
                let minutes = self.options.max_runtime.as_secs_f64() / 60.0;
                self.halted.get_or_insert(format!("the run's deadline of {minutes} min was reached"));
            }
            Some(Stop::LockLost(reason)) => {
                self.session = None;
                self.give_up(Error::failed(format!(
                    "the session that holds the run's lock was lost: {reason}"
                )));
            }
        }
    }

    /// Records what kept the run itself from going on; the first such error counts.
    fn give_up(&mut self, error: Error) {
        if self.summary.error_text.is_none() {
            log::error!("the run cannot go on: {error}");
            self.halted.get_or_insert(format!("the run could not go on: {error}"));
            self.summary.error_text = Some(error.to_string());
        }
    }

    /// Writes a row by the session that holds the lock. Without its rows a run does not go on.
    fn write_row(&mut self, write: impl FnOnce(&mut Client, &Summary) -> Result<()>) {
        let Some(session) = &mut self.session else { return };
        if let Err(error) = write(session, &self.summary) {
            self.give_up(error);
        }
    }

    /// Records a stage that does not run.
    fn skip(&mut self, stage: &Stage, reason: String) -> StageRecord {
        let now = self.watch.now();
        let record = StageRecord {
            name: stage.name,
            required: stage.required,
            status: Status::Skipped,
            started_at: now,
            ended_at: Some(now),
            metrics: None,
            error_text: Some(reason.clone()),
        };
        self.write_row(|session, summary| audit::insert_stage(session, &summary.run_id, &record));
        self.event("stage_skipped", json!({"stage": stage.name, "reason": reason}));
        record
    }

    /// Runs a stage.
    fn perform(&mut self, stage: &Stage) -> StageRecord {
        let mut record = StageRecord {
            name: stage.name,
            required: stage.required,
            status: Status::Running,
            started_at: self.watch.now(),
            ended_at: None,
            metrics: None,
            error_text: None,
        };
        self.write_row(|session, summary| audit::insert_stage(session, &summary.run_id, &record));
        if let Some(reason) = self.halted.clone() {
            return self.skip(stage, reason);
        }
        self.event("stage_started", json!({"stage": stage.name}));
        let began = self.watch.elapsed();
        let mut report = self.call(stage).unwrap_or_else(|error| StageReport {
            status: Status::Failed,
            metrics: Default::default(),
            error_text: Some(error.to_string()),
        });
        report.metrics.duration_s = (self.watch.elapsed() - began).as_secs_f64();
        self.halt_for(self.watch.lost());
        let now = self.watch.now();
        record.status = report.status;
        record.ended_at = Some(now);
        record.metrics = Some(report.metrics);
        record.error_text = report.error_text;
        self.write_row(|session, summary| audit::finish_stage(session, &summary.run_id, &record, now));
        self.note_end(&record);
        record
    }

    /// Calls the stage's function.
    fn call(&mut self, stage: &Stage) -> Result<StageReport> {
        let Some(session) = &mut self.session else {
            return Err(Error::failed("the session that holds the run's lock was lost"));
        };
        (stage.run)(&mut stages::Context {
            run_id: &self.summary.run_id,
            stage: stage.name,
            database_url: &self.options.database_url,
            settings: self.settings,
            folder: self.folder.create_stage(stage.name)?,
            watch: &mut self.watch,
            lock_session: session,
        })
    }

    /// Says how a stage ended, and what follows from it for the others.
    fn note_end(&mut self, record: &StageRecord) {
        let (name, status) = (record.name, record.status.as_str());
        let metrics = record.metrics.as_ref().map(|metrics| metrics.to_json());
        self.event(
            "stage_finished",
            json!({"stage": name, "status": status, "metrics": metrics, "error_text": record.error_text}),
        );
        let error_text = record.error_text.as_deref().unwrap_or("no reason was given");
        match record.status {
            Status::Success => return,
            Status::Partial => return log::warn!("{name}: {error_text}"),
            Status::TimedOut => self.summary.deadline_reached = true,
            _ => {}
        }
        log::error!("{name}: {error_text}");
        if record.required && self.options.fail_fast {
            self.halted.get_or_insert(format!("{name} did not succeed ({status}), and it is required"));
        }
    }

    /// Appends an event to both logs.
    fn event(&mut self, name: &str, data: serde_json::Value) {
        for log in &mut self.events {
            log.event(name, data.clone());
        }
    }

    /// Rewrites the summary in the run's folder, and where the user asked for it.
    fn write_summary(&mut self) {
        self.summary.duration_s = self.watch.elapsed().as_secs_f64();
        let json = self.summary.to_json();
        if let Err(error) = write_atomically(&self.folder.summary_json, &json) {
            self.give_up(error);
        }
        if let Some(Err(error)) = self.options.metrics_json.as_ref().map(|path| write_atomically(path, &json))
        {
            log::warn!("--metrics-json: {error}");
        }
    }

    /// Records the end; ending the session gives the lock back.
    fn end(mut self) -> Summary {
        let now = self.watch.now();
        self.summary.ended_at = Some(now);
        self.summary.status = self.summary.final_status();
        self.write_summary();
        // When the file cannot be written, the row says so, and the other way round.
        self.summary.status = self.summary.final_status();
        self.write_row(|session, summary| audit::finish_run(session, summary, now));
        if self.summary.status != self.summary.final_status() {
            self.summary.status = self.summary.final_status();
            self.write_summary();
        }
        let status = self.summary.status.as_str();
        let duration_s = self.summary.duration_s;
        self.event("run_finished", json!({"status": status, "duration_s": duration_s}));
        self.summary
    }
}
