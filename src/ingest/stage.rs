//! The stage `current_events_ingest`: queues the feed files that are new or changed, and works the queue off with
//! several workers. Several hosts may do so on one queue, so the stage takes no lock of its own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use postgres::Client;
use serde_json::json;
use time::OffsetDateTime;

use super::archive::{self, Archive, Bounds};
use super::catalogue::{self, Candidates, Catalogue};
use super::discover::{self, Selection};
use super::import::{self, Outcome};
use super::levels::Family;
use super::queue::{self, Task};
use super::rejects::RejectLog;
use super::totals::{FileCounts, Totals};
use crate::error::{Error, Result};
use crate::pipeline::metrics::{StageFiles, StageReport, Status};
use crate::pipeline::status_log::{StatusLog, timestamp};
use crate::report::progress::{Progress, thousands};
use crate::{db, migrations, pipeline};

/// The stage's name in the pipeline.
pub const STAGE: &str = "current_events_ingest";
/// Held while files are queued, and while a task is claimed, read and given its ids.
const ORDER_LOCK_NAME: &str = "teelo_ingest_order";
/// Another host holds it for the time of reading one file, a second or so; far more means that it hangs.
const ORDER_LOCK_TIMEOUT: Duration = Duration::from_secs(300);
/// A file whose transaction loses against other writers (a deadlock) is tried so many times at once.
const ATTEMPTS_MAX: u32 = 5;
/// The session of a worker that was killed ends within seconds, and its task is free then. A task that is held longer
/// has a worker that lives, on another host, and is left to it.
const HELD_WAIT_MAX: Duration = Duration::from_secs(10);
/// Between two looks at tasks that others hold.
const HELD_PAUSE: Duration = Duration::from_millis(250);

/// What the user may choose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Feed folders.
    pub feeds: Vec<PathBuf>,
    /// Threads, each with a connection of its own.
    pub workers: usize,
    /// Only files of these tours.
    pub tours: Vec<&'static str>,
    /// Only events that start within.
    pub bounds: Bounds,
    /// Drop what is queued first.
    pub clear_queue: bool,
    /// No log line a file.
    pub quiet_worker_logs: bool,
    /// Where rejected records are listed.
    pub rejects_jsonl: PathBuf,
}

/// Runs the stage to its end. A file that fails does not stop the others; the report says Failed.
///
/// # Errors
/// Usage when a feed folder is missing, Unreachable, or the server's. What was committed before stays.
pub fn run(
    database_url: &str,
    settings: &Settings,
    files: &StageFiles,
    now: OffsetDateTime,
) -> Result<StageReport> {
    let started = Instant::now();
    let selection = Selection {
        folders: settings.feeds.iter().map(|feed| feed_folder(feed)).collect::<Result<_>>()?,
        tours: settings.tours.clone(),
        bounds: settings.bounds,
    };
    let mut status_log = StatusLog::open(files.status_jsonl.as_deref(), STAGE)?;
    status_log.event("start", json!({"feeds": selection.folders, "workers": settings.workers}));
    let shared = Shared {
        database_url,
        settings,
        selection,
        now,
        order: Mutex::default(),
        totals: Mutex::default(),
        rejects: Mutex::new(RejectLog::new(&settings.rejects_jsonl)),
        status_log: Mutex::new(status_log),
        progress: Mutex::new(Progress::new("ingest", "kB", None)),
        stopped: AtomicBool::new(false),
    };
    let result = shared.ingest();
    let report = shared.report(started, &result);
    lock(&shared.status_log)
        .event("end", json!({"status": report.status.as_str(), "metrics": report.metrics.to_json()}));
    write_metrics(files.metrics_json.as_deref(), &report)?;
    result.map(|()| report)
}

/// The folder as an absolute path, by which its files are known.
fn feed_folder(path: &Path) -> Result<String> {
    let problem = |text: &str| {
        Error::usage(format!(
            "feed folder {}: {text}. Give an existing folder of match archives with --feed or TEELO_FEED_DIRS",
            path.display()
        ))
    };
    let absolute = path.canonicalize().map_err(|error| problem(&error.to_string()))?;
    if !absolute.is_dir() {
        return Err(problem("it is not a folder"));
    }
    std::fs::read_dir(&absolute).map_err(|error| problem(&error.to_string()))?;
    absolute.into_os_string().into_string().map_err(|_| problem("its path is not valid UTF-8"))
}

fn write_metrics(path: Option<&Path>, report: &StageReport) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    let mut metrics = report.metrics.clone();
    metrics.set("status", report.status.as_str());
    if let Some(text) = &report.error_text {
        metrics.set("error", text.as_str());
    }
    metrics.write(path)
}

/// Whether another file may fare better: what cannot be read, and what the server finds wrong with the data (SQLSTATE
/// classes 22 and 23) or lost against others (40). A full disk, a missing right or a shutdown is nobody's fault here.
fn is_the_files_own(error: &Error) -> bool {
    error.sqlstate().is_none_or(|code| ["22", "23", "40"].iter().any(|class| code.starts_with(class)))
}

/// What a worker panicked over is reported by its thread; what it guarded is whole between two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the workers share.
struct Shared<'a> {
    database_url: &'a str,
    settings: &'a Settings,
    selection: Selection,
    now: OffsetDateTime,
    order: Mutex<Order>,
    totals: Mutex<Totals>,
    rejects: Mutex<RejectLog>,
    status_log: Mutex<StatusLog>,
    progress: Mutex<Progress>,
    /// A worker met an error that is not its file's: the others finish their file and stop.
    stopped: AtomicBool,
}

/// Does `work` while this session alone, of all hosts, may queue, claim and give ids: so ids come in the order of the
/// tasks, however many workers there are.
fn in_order<T>(client: &mut Client, work: impl FnOnce(&mut Client) -> Result<T>) -> Result<T> {
    let key = pipeline::lock::key_of_name(ORDER_LOCK_NAME);
    pipeline::lock::acquire(client, key, "the order of ingest tasks", ORDER_LOCK_TIMEOUT)?;
    let result = work(client);
    if !client.is_closed() {
        pipeline::lock::release(client, key)?;
    }
    result
}

/// What a task is claimed, read and given its ids with; its mutex keeps the threads of this process in order.
#[derive(Default)]
struct Order {
    seen: Vec<i32>,
    candidates: Candidates,
}

/// A claimed task, and its file and ids, or why they could not be had.
struct Prepared {
    task: Task,
    content: Result<(Archive, Catalogue)>,
}

impl Shared<'_> {
    fn ingest(&self) -> Result<()> {
        let mut client = db::connect(self.database_url, "ingest")?;
        migrations::require_current(&mut client)?;
        let tasks_cleared = if self.settings.clear_queue { queue::clear(&mut client)? } else { 0 };
        let mut found = discover::look(&mut client, &self.selection, self.now)?;
        if found.queued() > 0 {
            found =
                in_order(&mut client, |client| discover::queue(client, &self.selection, found, self.now))?;
        }
        drop(client);
        for (path, error) in &found.failed_before {
            log::warn!("{}: failed for good and has not changed since: {error}", path.display());
        }
        for (path, at) in &found.waiting {
            log::info!("{}: failed, tried again after {}", path.display(), timestamp(at.assume_utc()));
        }
        let due = found.due;
        lock(&self.progress).set_total(found.bytes_due / 1000);
        let mut totals = lock(&self.totals);
        totals.tasks_cleared = tasks_cleared;
        totals.found = found;
        drop(totals);
        if due == 0 { Ok(()) } else { self.work_off_all(self.settings.workers.min(due)) }
    }

    /// Works off what is due, and what others held at first and let go.
    fn work_off_all(&self, workers: usize) -> Result<()> {
        self.work_off(workers)?;
        let waiting = Instant::now();
        loop {
            let mut client = db::connect(self.database_url, "ingest")?;
            let Selection { folders, tours, .. } = &self.selection;
            let held = queue::count_held(&mut client, folders, tours, &lock(&self.order).seen)?;
            if held == 0 {
                return Ok(());
            }
            if waiting.elapsed() >= HELD_WAIT_MAX {
                log::info!("{held} files are in the hands of other workers");
                return Ok(());
            }
            std::thread::sleep(HELD_PAUSE);
            self.work_off(workers)?;
        }
    }

    /// Runs the workers until nothing is due. The first error that is not a file's own is returned.
    fn work_off(&self, workers: usize) -> Result<()> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (1..=workers)
                .map(|number| {
                    scope.spawn(move || {
                        self.work(number).inspect_err(|_| self.stopped.store(true, Ordering::Relaxed))
                    })
                })
                .collect();
            let mut result = Ok(());
            for thread in threads {
                let ended = thread.join().unwrap_or_else(|_| Err(Error::failed("a worker panicked")));
                result = result.and(ended);
            }
            result
        })
    }

    /// One worker: a session of its own, file after file.
    fn work(&self, number: usize) -> Result<()> {
        let mut client = db::connect(self.database_url, "ingest")?;
        let mut staging_ready = false;
        while !self.stopped.load(Ordering::Relaxed) {
            let Some(prepared) = self.prepare(&mut client)? else { return Ok(()) };
            if !staging_ready {
                import::prepare_session(&mut client)?;
                staging_ready = true;
            }
            let Prepared { task, content } = prepared;
            let imported = content.and_then(|(archive, catalogue)| {
                let outcome = self.import(&mut client, &task, &archive, &catalogue)?;
                Ok((archive, catalogue, outcome))
            });
            match imported {
                Ok((archive, catalogue, outcome)) => self.done(number, &task, &archive, &catalogue, &outcome),
                // The run ends; the task costs no attempt and is taken back by the next run.
                Err(error) if client.is_closed() || !is_the_files_own(&error) => {
                    return Err(error.context(task.params.path().display()));
                }
                Err(error) => self.failed(&mut client, &task, &error)?,
            }
            self.advance(task.params.size_bytes);
            task.release(&mut client)?;
        }
        Ok(())
    }

    /// Claims the next task, reads its file, and makes its catalogue.
    fn prepare(&self, client: &mut Client) -> Result<Option<Prepared>> {
        let mut order = lock(&self.order);
        in_order(client, |client| {
            let Selection { folders, tours, .. } = &self.selection;
            let Some(task) = queue::claim(client, folders, tours, &mut order.seen, self.now)? else {
                return Ok(None);
            };
            let content = self.read(client, &task, &mut order.candidates);
            Ok(Some(Prepared { task, content }))
        })
    }

    fn read(
        &self,
        client: &mut Client,
        task: &Task,
        candidates: &mut Candidates,
    ) -> Result<(Archive, Catalogue)> {
        let path = task.params.path();
        lock(&self.status_log).event("file_start", json!({"file": path, "task": task.id}));
        let family = Family::of_file(&task.params.file_name)
            .ok_or_else(|| Error::failed("its name is not that of a match archive"))?;
        let archive = archive::read(&path, family, task.params.bounds())?;
        let catalogue = catalogue::make(client, &archive, candidates, self.now)?;
        Ok((archive, catalogue))
    }

    /// Shows that a file of so many bytes is done, here and to who follows the events.
    fn advance(&self, bytes: u64) {
        let mut progress = lock(&self.progress);
        progress.advance(bytes / 1000);
        lock(&self.status_log).event("progress", progress.to_json());
    }

    fn import(
        &self,
        client: &mut Client,
        task: &Task,
        archive: &Archive,
        catalogue: &Catalogue,
    ) -> Result<Outcome> {
        let path = task.params.path();
        let mut attempt = 1;
        loop {
            let outcome = import::run(client, task, archive, catalogue, self.now, |rejects| {
                lock(&self.rejects).append(&path, rejects, self.now)
            });
            match outcome {
                Err(error) if error.is_retryable() && attempt < ATTEMPTS_MAX => {
                    log::debug!(
                        "{}: lost against another writer, attempt {attempt}: {error}",
                        path.display()
                    );
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    fn done(&self, worker: usize, task: &Task, archive: &Archive, catalogue: &Catalogue, outcome: &Outcome) {
        let counts = FileCounts::new(task.params.path(), archive, outcome);
        if !self.settings.quiet_worker_logs {
            log::info!(
                "worker {worker}: {}: {} rows: {} new, {} changed, {} unchanged, {} rejected, {} duplicates",
                task.params.file_name,
                thousands(counts.rows_read),
                thousands(counts.inserted),
                thousands(counts.updated),
                thousands(counts.unchanged),
                thousands(counts.rejected),
                thousands(counts.duplicates),
            );
        }
        lock(&self.status_log).event("file_end", json!(counts));
        lock(&self.totals).add(counts, archive, catalogue, outcome);
    }

    /// A failed file is noted in the queue and told once, here.
    fn failed(&self, client: &mut Client, task: &Task, error: &Error) -> Result<()> {
        let path = task.params.path();
        let next = match task.fail(client, error, self.now)? {
            Some(at) => format!("tried again after {}", timestamp(at.assume_utc())),
            None => "not tried again until the file changes".to_owned(),
        };
        log::error!("{}: {error}; {next}", path.display());
        lock(&self.status_log)
            .event("file_failed", json!({"file": path, "error": error.to_string(), "next": next}));
        lock(&self.totals).failed.push((path, error.to_string()));
        Ok(())
    }

    fn report(&self, started: Instant, result: &Result<()>) -> StageReport {
        let totals = lock(&self.totals);
        let mut metrics = totals.metrics(started.elapsed());
        metrics.set("rejects_jsonl", self.settings.rejects_jsonl.display().to_string());
        let (status, error_text) = match (result, totals.failed.first()) {
            (Err(error), _) => (Status::Failed, Some(error.to_string())),
            (Ok(()), Some((path, error))) => {
                let text = format!(
                    "{} of the files failed, the first: {}: {error}",
                    totals.failed.len(),
                    path.display()
                );
                (Status::Failed, Some(text))
            }
            (Ok(()), None) if metrics.records_failed > 0 => {
                let text = format!(
                    "{} records were rejected; {} lists them",
                    thousands(metrics.records_failed),
                    self.settings.rejects_jsonl.display()
                );
                (Status::Partial, Some(text))
            }
            (Ok(()), None) => (Status::Success, None),
        };
        StageReport { status, metrics, error_text }
    }
}
