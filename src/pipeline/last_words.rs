//! What is still recorded of a run when something in it does not end, such as a query to a server that does not answer, and the process
//! leaves it behind: its files, and its rows as far as the session that holds the lock can write them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use postgres::Client;

use super::artifacts::RunFolder;
use super::audit;
use super::hooks::Hooks;
use super::lease::Lease;
use super::metrics::{Status, write_atomically};
use super::run::Options;
use super::stages::STAGES;
use super::summary::{StageRecord, Summary};
use super::watch::Watch;
use crate::error::Result;
use crate::stop::{self, Reason};

/// How long the rows may take. After a signal the process ends before.
const ROWS_WAIT: Duration = Duration::from_secs(5);

/// What was noted of a run.
pub struct LastWords {
    lease: Arc<Lease>,
    watch: Watch,
    hooks: Hooks,
    /// Where the summary goes.
    summary_paths: Vec<PathBuf>,
    noted: Mutex<(Summary, Option<StageRecord>)>,
}

impl LastWords {
    /// Has them said when the process leaves the run behind that `summary` tells of.
    pub fn prepare(
        options: &Options,
        lease: &Arc<Lease>,
        watch: Watch,
        folder: &RunFolder,
        summary: &Summary,
    ) -> Arc<Self> {
        let words = Arc::new(Self {
            lease: Arc::clone(lease),
            watch,
            hooks: options.hooks.clone(),
            summary_paths: [&folder.summary_json].into_iter().chain(&options.metrics_json).cloned().collect(),
            noted: Mutex::new((summary.clone(), None)),
        });
        let speaker = Arc::clone(&words);
        stop::set_last_words(move |reason| speaker.speak(reason));
        words
    }

    /// Notes how the run stands, and which stage is running.
    pub fn note(&self, summary: &Summary, stage: Option<&StageRecord>) {
        *self.noted() = (summary.clone(), stage.cloned());
    }

    fn noted(&self) -> MutexGuard<'_, (Summary, Option<StageRecord>)> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn speak(&self, reason: &Reason) {
        let (mut summary, running) = self.noted().clone();
        if summary.ended_at.is_some() {
            return;
        }
        let (now, recorded) = (self.watch.now(), summary.stages.len());
        let left_behind = running.map(|stage| StageRecord {
            status: Status::stopped(reason),
            ended_at: Some(now),
            error_text: Some(format!("{reason}; it did not end, and was left behind")),
            ..stage
        });
        summary.stages.extend(left_behind);
        for stage in &STAGES[summary.stages.len()..] {
            summary.stages.push(StageRecord::skipped(stage, reason.to_string(), now));
        }
        summary.note_stop(reason);
        summary.ended_at = Some(now);
        summary.duration_s = self.watch.elapsed().as_secs_f64();
        summary.status = summary.final_status();
        for path in &self.summary_paths {
            if let Err(error) = write_atomically(path, &summary.to_json()) {
                log::warn!("{error}");
            }
        }
        self.write_rows(&summary, recorded);
        if !matches!(reason, Reason::Signal(_)) {
            self.hooks.ended(&summary);
        }
    }

    /// Writes the rows of the run and of its stages but the first `recorded`, on a thread of its own: what does not end may be the session that holds the lock.
    fn write_rows(&self, summary: &Summary, recorded: usize) {
        let (sender, receiver) = mpsc::channel();
        let (lease, written) = (Arc::clone(&self.lease), summary.clone());
        let spawned = thread::Builder::new().name("last-rows".to_owned()).spawn(move || {
            // Nobody listens any more when the time was over.
            let _ = sender.send(lease.with(|session| write_rows(session, &written, recorded)));
        });
        let outcome = match spawned {
            Ok(_) => receiver.recv_timeout(ROWS_WAIT).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = outcome.and_then(|written| written.map_err(|error| error.to_string())) {
            log::warn!("the run's end is not in its rows; the next run marks it as abandoned: {error}");
        }
    }
}

fn write_rows(session: &mut Client, summary: &Summary, recorded: usize) -> Result<()> {
    let now = summary.ended_at.unwrap_or(summary.started_at);
    for stage in &summary.stages[recorded..] {
        match stage.status {
            Status::Skipped => audit::insert_stage(session, &summary.run_id, stage)?,
            _ => audit::finish_stage(session, &summary.run_id, stage, now)?,
        }
    }
    audit::finish_run(session, summary, now)
}
