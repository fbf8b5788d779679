//! The stage `current_events_ingest`: queues the feed files that are new or changed, and works the queue off with
//! several workers. Several hosts may do so on one queue, so the stage takes no lock of its own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use postgres::Client;
use serde_json::json;
use time::OffsetDateTime;

use super::archive::Bounds;
use super::content::{Content, Known};
use super::discover::{self, Found, Selection};
use super::import;
use super::order::{in_order, lock_editions, release_all};
use super::outcome::{FileCounts, Outcome};
use super::queue::{self, Task};
use super::rejects::RejectLog;
use super::totals::Totals;
use crate::elo::live::LiveRater;
use crate::error::{Error, Result};
use crate::pipeline::metrics::{StageFiles, StageReport, Status};
use crate::pipeline::status_log::{StatusLog, timestamp};
use crate::report::progress::{Progress, thousands};
use crate::{db, migrations, stop};

/// The stage's name in the pipeline.
pub const STAGE: &str = "current_events_ingest";
/// A file whose transaction loses against other writers (a deadlock) is tried so many times at once.
const ATTEMPTS_MAX: u32 = 5;
/// The SQLSTATE of a key that is there already.
const UNIQUE_VIOLATION: &str = "23505";
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
    /// What is done.
    pub extent: Extent,
    /// Ratings are computed here, match by match, as the Python scripts do.
    pub live_elo: bool,
    /// No log line a file.
    pub quiet_worker_logs: bool,
    /// Where rejected records are listed.
    pub rejects_jsonl: PathBuf,
}

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Queues what is new or changed, and works the queue off.
    Everything,
    /// Only queues it.
    DiscoverOnly,
    /// Only works off what is queued.
    ProcessOnly,
}

/// Runs the stage to its end, or until the process has to end, which the report tells. A file that fails does not stop the
/// others; the report says Failed.
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
        live_rater: OnceLock::new(),
        stopped: AtomicBool::new(false),
    };
    let result = shared.ingest();
    let report = shared.report(started, &result);
    lock(&shared.status_log)
        .event("end", json!({"status": report.status.as_str(), "metrics": report.metrics.to_json()}));
    report.write(files.metrics_json.as_deref())?;
    match result {
        Err(error) if stop::reason().is_none() => Err(error),
        _ => Ok(report),
    }
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

/// Whether another file may fare better: what cannot be read, and what the server finds wrong with the data (SQLSTATE
/// classes 22 and 23) or lost against others (40). A full disk, a missing right or a shutdown is nobody's fault here.
fn is_the_files_own(error: &Error) -> bool {
    error.sqlstate().is_none_or(|code| ["22", "23", "40"].iter().any(|class| code.starts_with(class)))
}

/// Does `work` on a file again when it lost against another writer.
fn with_retries<T>(path: &Path, mut work: impl FnMut() -> Result<T>) -> Result<T> {
    let mut attempt = 1;
    loop {
        match work() {
            // A row that another program made after we looked is found the next time.
            Err(error)
                if attempt < ATTEMPTS_MAX
                    && (error.is_retryable() || error.sqlstate() == Some(UNIQUE_VIOLATION)) =>
            {
                log::debug!("{}: lost against another writer, attempt {attempt}: {error}", path.display());
                attempt += 1;
            }
            result => return result,
        }
    }
}

/// What a worker panicked over is reported by its thread; what it guarded is whole between two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a task is claimed, read and given its ids with; its mutex keeps the threads of this process in order.
#[derive(Default)]
struct Order {
    seen: Vec<i32>,
    known: Known,
}

/// A claimed task, and its content, or why it could not be had.
struct Prepared {
    task: Task,
    content: Result<Content>,
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
    /// Set when ratings are computed here, match by match.
    live_rater: OnceLock<LiveRater>,
    /// A worker met an error that is not its file's: the others finish their file and stop.
    stopped: AtomicBool,
}

impl Shared<'_> {
    fn ingest(&self) -> Result<()> {
        let mut client = db::connect(self.database_url, "ingest")?;
        migrations::require_current(&mut client)?;
        if self.settings.live_elo {
            log::warn!(
                "ENABLE_LIVE_ELO_INGEST: ratings match by match, with one worker; `teelo elo` makes them exact"
            );
            _ = self.live_rater.set(LiveRater::new(&mut client)?);
        }
        let tasks_cleared = if self.settings.clear_queue { queue::clear(&mut client)? } else { 0 };
        let found = self.discover(&mut client)?;
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
        if due == 0 || self.settings.extent == Extent::DiscoverOnly {
            return Ok(());
        }
        // Ratings match by match depend on what the file before them left.
        let workers_max = if self.settings.live_elo { 1 } else { self.settings.workers };
        self.work_off_all(workers_max.min(due))
    }

    /// Queues what is new or changed, and tells what is due.
    fn discover(&self, client: &mut Client) -> Result<Found> {
        if self.settings.extent == Extent::ProcessOnly {
            return discover::queued(client, &self.selection, self.now);
        }
        let found = discover::look(client, &self.selection, self.now)?;
        match found.queued() {
            0 => Ok(found),
            _ => in_order(client, |client| discover::queue(client, &self.selection, found, self.now)),
        }
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
            stop::sleep(HELD_PAUSE)?;
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
            stop::check()?;
            let Some(prepared) = self.prepare(&mut client)? else { return Ok(()) };
            if !staging_ready {
                import::prepare_session(&mut client)?;
                staging_ready = true;
            }
            let Prepared { task, content } = prepared;
            match content.and_then(|mut content| self.write(&mut client, &task, &mut content)) {
                Ok(outcome) => self.done(number, &task, &outcome),
                // The run ends; the task costs no attempt and is taken back by the next run.
                Err(error) if client.is_closed() || stop::reason().is_some() || !is_the_files_own(&error) => {
                    return Err(error.context(task.params.path().display()));
                }
                Err(error) => self.failed(&mut client, &task, &error)?,
            }
            self.advance(task.params.size_bytes);
            release_all(&mut client)?;
        }
        Ok(())
    }

    /// Claims the next task, reads its file, and gives its tournaments and players their ids.
    fn prepare(&self, client: &mut Client) -> Result<Option<Prepared>> {
        let mut order = lock(&self.order);
        in_order(client, |client| {
            let Selection { folders, tours, .. } = &self.selection;
            let Some(task) = queue::claim(client, folders, tours, &mut order.seen, self.now)? else {
                return Ok(None);
            };
            let path = task.params.path();
            lock(&self.status_log).event("file_start", json!({"file": path, "task": task.id}));
            let content = with_retries(&path, || Content::prepare(client, &task, &mut order.known, self.now));
            let content = content.and_then(|content| {
                lock_editions(client, content.edition_ids())?;
                Ok(content)
            });
            Ok(Some(Prepared { task, content }))
        })
    }

    fn write(&self, client: &mut Client, task: &Task, content: &mut Content) -> Result<Outcome> {
        let path = task.params.path();
        with_retries(&path, || {
            content.write(client, task, self.now, |transaction, written, outcome| {
                if let Some(rater) = self.live_rater.get() {
                    let match_ids = written.match_ids(transaction)?;
                    rater.rate(transaction, &match_ids, self.now)?;
                }
                lock(&self.rejects).append(&path, &outcome.rejects, self.now)
            })
        })
    }

    /// Shows that a file of so many bytes is done, here and to who follows the events.
    fn advance(&self, bytes: u64) {
        let mut progress = lock(&self.progress);
        progress.advance(bytes / 1000);
        lock(&self.status_log).event("progress", progress.to_json());
    }

    fn done(&self, worker: usize, task: &Task, outcome: &Outcome) {
        let counts = FileCounts::new(task.params.path(), outcome);
        if !self.settings.quiet_worker_logs {
            log::info!(
                "worker {worker}: {}: {} rows: {} new, {} changed, {} unchanged, {} rejected, {} duplicates, {} waiting",
                task.params.file_name,
                thousands(counts.rows_read),
                thousands(counts.inserted),
                thousands(counts.updated),
                thousands(counts.unchanged),
                thousands(counts.rejected),
                thousands(counts.duplicates),
                thousands(counts.waiting),
            );
        }
        lock(&self.status_log).event("file_end", json!(counts));
        lock(&self.totals).add(counts, outcome);
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
        // The file is made by the first record that is rejected.
        let rejects_jsonl = &self.settings.rejects_jsonl;
        metrics.set("rejects_jsonl", rejects_jsonl.exists().then(|| rejects_jsonl.display().to_string()));
        let (status, error_text) = match (result, totals.failed.first()) {
            (Err(error), _) => return StageReport::cut_short(metrics, error),
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
        StageReport::ended(status, metrics, error_text)
    }
}
