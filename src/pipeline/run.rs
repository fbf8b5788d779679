//! One run: the stages in order, with a trail of rows, files and events that says what happened.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use postgres::Client;
use serde_json::json;
use time::OffsetDateTime;

use super::artifacts::{Root, RunFolder};
use super::audit;
use super::hooks::Hooks;
use super::last_words::LastWords;
use super::lease::Lease;
use super::metrics::{Metrics, StageReport, Status, write_atomically};
use super::selection::Selection;
use super::stages::{self, STAGES, Stage};
use super::status_log::StatusLog;
use super::summary::{StageRecord, Summary};
use super::watch::Watch;
use crate::error::{Error, Result};
use crate::stop::{self, Reason};

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database's address, of the server itself: the run and its stages hold locks.
    pub database_url: String,
    /// Which stages.
    pub selection: Selection,
    /// Whether a required stage that fails ends the run.
    pub fail_fast: bool,
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
/// As [`Lease::take`]; the reason when the process has to end.
pub fn open(options: &Options) -> Result<Lease> {
    let lease = Lease::take(&options.database_url, options.lock_key, options.lock_timeout)?;
    stop::check()?;
    Ok(lease)
}

/// Runs the stages under the lock of `lease`, as the run `run_id` that begins at `now`. `show` is called with each stage that
/// has ended. A stage that fails, or is stopped, is in the summary, not an error. The lock is given back before the hook for the
/// run's end is called.
///
/// # Errors
/// The run could not begin: its folder or its first row cannot be written.
pub fn run(
    lease: Lease,
    options: &Options,
    settings: &stages::Settings,
    run_id: &str,
    now: OffsetDateTime,
    show: &mut dyn FnMut(&StageRecord),
) -> Result<Summary> {
    let mut run = Run::begin(lease, options, settings, run_id, now)?;
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
    stop::settle();
    options.hooks.ended(&summary);
    Ok(summary)
}

/// A run under way.
struct Run<'a> {
    options: &'a Options,
    settings: &'a stages::Settings,
    /// Holds the lock and writes the rows: nothing is written without the lock.
    lease: Arc<Lease>,
    watch: Watch,
    folder: RunFolder,
    /// The run's own, and the one that the user asked for.
    events: [StatusLog; 2],
    /// Why no further stage may run.
    halted: Option<String>,
    summary: Summary,
    /// What is known of the run in case that something in it does not end.
    last_words: Arc<LastWords>,
}

impl<'a> Run<'a> {
    fn begin(
        lease: Lease,
        options: &'a Options,
        settings: &'a stages::Settings,
        run_id: &str,
        now: OffsetDateTime,
    ) -> Result<Self> {
        let watch = Watch::new(now);
        let folder = RunFolder::create(&options.artifacts.run_folder(run_id, now))?;
        let events = [
            StatusLog::open(Some(&folder.events_jsonl), "run")?,
            StatusLog::open(options.status_jsonl.as_deref(), "run")?,
        ];
        let mut summary = Summary::new(run_id, now, folder.path.clone());
        summary.abandoned_runs =
            lease.with(|session| audit::begin(session, run_id, options.lock_key, now))?;
        let lease = Arc::new(lease);
        lease.look_after(run_id)?;
        for abandoned in &summary.abandoned_runs {
            log::warn!("run {abandoned} had died without recording a result; it is now marked as abandoned");
            options.artifacts.sweep(abandoned);
        }
        let last_words = LastWords::prepare(options, &lease, watch, &folder, &summary);
        let mut run =
            Self { options, settings, lease, watch, folder, events, halted: None, summary, last_words };
        let abandoned = run.summary.abandoned_runs.clone();
        run.event("run_started", json!({"run_id": run_id, "abandoned_runs": abandoned}));
        run.write_summary();
        options.hooks.started(&run.summary);
        Ok(run)
    }

    /// Why `stage` is passed over; None when it is to run.
    fn reason_to_skip(&mut self, stage: &Stage) -> Option<String> {
        if let Some(reason) = self.options.selection.reason_to_skip(stage.name) {
            return Some(reason);
        }
        self.heed_stop();
        if self.halted.is_none() {
            let (settings, now) = (self.settings, self.watch.now());
            match self.lease.with(|session| (stage.reason_to_skip)(settings, session, now)) {
                Ok(None) => {}
                Ok(reason) => return reason,
                Err(error) => self.give_up(error),
            }
        }
        self.halted.clone()
    }

    /// Lets no further stage run when the process has to end.
    fn heed_stop(&mut self) {
        let Some(reason) = stop::reason() else { return };
        self.halted.get_or_insert(reason.to_string());
        if let Reason::LockLost(_) = reason {
            self.give_up(Error::failed(reason.to_string()));
        }
        self.summary.note_stop(reason);
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
    fn write_row(&mut self, write: impl Fn(&mut Client, &Summary) -> Result<()>) {
        if let Err(error) = self.lease.with(|session| write(session, &self.summary)) {
            self.heed_stop();
            self.give_up(error);
        }
    }

    /// Records a stage that does not run.
    fn skip(&mut self, stage: &Stage, reason: String) -> StageRecord {
        let record = StageRecord::skipped(stage, reason.clone(), self.watch.now());
        self.write_row(|session, summary| audit::insert_stage(session, &summary.run_id, &record));
        self.event("stage_skipped", json!({"stage": stage.name, "reason": reason}));
        record
    }

    /// Runs a stage.
    fn perform(&mut self, stage: &Stage) -> StageRecord {
        let mut record = StageRecord::running(stage, self.watch.now());
        self.write_row(|session, summary| audit::insert_stage(session, &summary.run_id, &record));
        if let Some(reason) = self.halted.clone() {
            return self.skip(stage, reason);
        }
        self.last_words.note(&self.summary, Some(&record));
        self.event("stage_started", json!({"stage": stage.name}));
        let began = self.watch.elapsed();
        let mut report = self.call_to_the_end(stage);
        report.metrics.duration_s = (self.watch.elapsed() - began).as_secs_f64();
        if matches!(report.status, Status::Failed | Status::TimedOut | Status::Interrupted) {
            self.heed_stop();
        }
        let now = self.watch.now();
        record.status = report.status;
        record.ended_at = Some(now);
        record.metrics = Some(report.metrics);
        record.error_text = report.error_text;
        self.write_row(|session, summary| audit::finish_stage(session, &summary.run_id, &record, now));
        self.note_end(&record);
        record
    }

    /// Calls the stage, and again when the server was restarted meanwhile: it goes on with what it had not committed.
    fn call_to_the_end(&mut self, stage: &Stage) -> StageReport {
        let mut before_restart = None;
        loop {
            let restarts = self.lease.restarts();
            let mut report =
                self.call(stage).unwrap_or_else(|error| StageReport::cut_short(Metrics::default(), &error));
            if let Some(metrics) = before_restart.take() {
                report.metrics.set("before_restart", metrics);
            }
            if report.status == Status::Failed
                && self.lease.sees_restart_since(restarts, report.lacked_server)
            {
                self.event("stage_resumed", json!({"stage": stage.name, "error_text": report.error_text}));
                before_restart = Some(report.metrics.to_json());
                continue;
            }
            // A program of the stage may have been told to end by whoever told this process, and have been quicker.
            if report.status == Status::Failed && stop::reason().is_some() {
                let error = Error::failed(report.error_text.unwrap_or_default());
                report = StageReport::cut_short(report.metrics, &error);
            }
            return report;
        }
    }

    /// Calls the stage's function.
    fn call(&mut self, stage: &Stage) -> Result<StageReport> {
        stop::check()?;
        (stage.run)(&mut stages::Context {
            run_id: &self.summary.run_id,
            stage: stage.name,
            database_url: &self.options.database_url,
            settings: self.settings,
            folder: self.folder.create_stage(stage.name)?,
            watch: &self.watch,
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
        self.last_words.note(&self.summary, None);
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
        // A stage's program may have been ended in the middle of a file.
        self.options.artifacts.sweep(&self.summary.run_id);
        // That of a run that was killed had some seconds left, of which this run may not have seen the last.
        for abandoned in &self.summary.abandoned_runs {
            self.options.artifacts.sweep(abandoned);
        }
        self.summary
    }
}
