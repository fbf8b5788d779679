//! Why this process has to end early, if it has to: its deadline, a signal, or the loss of the lock that it works under.
//! Signals are the process's, and so is the reason: every thread sees the same one.
//!
//! Who works in steps asks [`check`] between them; queries that run meanwhile are cancelled; so everything ends with an error,
//! and what was not committed is rolled back. What does not end in time, the process leaves behind.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::{Context, Error, Kind, Result};

/// The process has ended so long after it was told to, whatever hangs: a promise is 5 s.
const ENDS_WITHIN: Duration = Duration::from_millis(4_800);
/// So long the sessions that record how it ended may take for that: longer than a stage's program has to end.
const FINISHES_WITHIN: Duration = Duration::from_millis(4_000);
/// Then the last words are said, if it has not ended.
const SPEAKS_AFTER: Duration = Duration::from_millis(4_300);
/// Between two rounds of cancelling: a request that comes between two queries of a session is lost.
const CANCEL_INTERVAL: Duration = Duration::from_millis(200);
/// Signals that come so soon after the first are the same request: `timeout` sends its signal to the program, and to the group
/// that the program is in.
const REPEATED_WITHIN: Duration = Duration::from_millis(100);

static TOLD: Mutex<Option<Told>> = Mutex::new(None);
/// Wakes who sleeps when there is a reason to stop.
static WAKER: Condvar = Condvar::new();
static SESSIONS: Mutex<Vec<Weak<Session>>> = Mutex::new(Vec::new());
static LAST_WORDS: Mutex<LastWords> = Mutex::new(LastWords::None);

/// What is still done when something does not end and the process leaves it behind.
enum LastWords {
    /// Nothing.
    None,
    /// This.
    Ready(Box<dyn FnOnce(&Reason) + Send>),
    /// It is being done, or was.
    Said,
}

/// Why the process has to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It has lasted as long as it may, which is so long.
    Deadline(Duration),
    /// The signal with this number.
    Signal(i32),
    /// The session that held the run's lock is gone, so another run may have begun.
    LockLost(String),
}

impl Reason {
    /// The error that stopping for this reason is.
    pub fn error(&self) -> Error {
        let kind = match self {
            Self::Deadline(_) => Kind::Deadline,
            Self::Signal(number) => Kind::Signal(*number),
            Self::LockLost(_) => Kind::Failed,
        };
        Error::new(kind, format!("stopped, because {self}; what was committed before stays"))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline(limit) => {
                write!(formatter, "the run's deadline of {} min was reached", limit.as_secs_f64() / 60.0)
            }
            Self::Signal(number) => {
                let name = signal_hook::low_level::signal_name(*number).unwrap_or("a signal");
                write!(formatter, "{name} was received")
            }
            Self::LockLost(reason) => {
                write!(formatter, "the session that holds the run's lock was lost: {reason}")
            }
        }
    }
}

/// That the process was told to end. The reasons of a process are few, and live as long as it does.
#[derive(Debug, Clone, Copy)]
struct Told {
    reason: &'static Reason,
    at: Instant,
}

/// Why the process has to end; None while it may go on.
pub fn reason() -> Option<&'static Reason> {
    lock(&TOLD).map(|told| told.reason)
}

/// How much time is left for what is still done when the process has to end; None while it may go on.
pub fn time_left() -> Option<Duration> {
    lock(&TOLD).map(|told| FINISHES_WITHIN.saturating_sub(told.at.elapsed()))
}

/// Whether work may go on.
///
/// # Errors
/// The reason why not.
pub fn check() -> Result<()> {
    reason().map_or(Ok(()), |reason| Err(reason.error()))
}

/// Sleeps, but not on when the process has to end.
///
/// # Errors
/// As [`check`].
pub fn sleep(duration: Duration) -> Result<()> {
    let began = Instant::now();
    let mut told = lock(&TOLD);
    loop {
        let left = duration.saturating_sub(began.elapsed());
        match *told {
            Some(told) => return Err(told.reason.error()),
            None if left.is_zero() => return Ok(()),
            None => told = WAKER.wait_timeout(told, left).unwrap_or_else(PoisonError::into_inner).0,
        }
    }
}

/// Tells the whole process to end; the first reason counts.
pub fn request(why: Reason) {
    let told = {
        let mut told = lock(&TOLD);
        if told.is_some() {
            return;
        }
        *told.insert(Told { reason: Box::leak(Box::new(why)), at: Instant::now() })
    };
    WAKER.notify_all();
    let spawned = thread::Builder::new().name("stop".to_owned()).spawn(move || see_to_the_end(told));
    if let Err(error) = spawned {
        log::error!("no thread can be started, so the process ends at once: {error}");
        exit_for(told.reason);
    }
}

/// Tells what is to be done, on a thread of its own, when something has not ended in time and the process is about to leave it
/// behind. After a signal there is half a second for it.
pub fn set_last_words(words: impl FnOnce(&Reason) + Send + 'static) {
    *lock(&LAST_WORDS) = LastWords::Ready(Box::new(words));
}

/// Says that what had to end has ended, and recorded that. Nobody waits for the end of the process then, unless it got a signal: there is
/// time for what follows. When the last words are being said already, the process ends with them, and this does not return.
pub fn settle() {
    let mut words = lock(&LAST_WORDS);
    if let LastWords::Said = *words {
        drop(words);
        loop {
            thread::park();
        }
    }
    *words = LastWords::None;
    drop(words);
    let mut told = lock(&TOLD);
    if told.is_some_and(|told| !matches!(told.reason, Reason::Signal(_))) {
        *told = None;
    }
}

fn exit_for(reason: &Reason) -> ! {
    std::process::exit(i32::from(reason.error().exit_code()))
}

/// Tells the process to end at SIGTERM and SIGINT, and ends it at once at the second one. Without this, the system would end it
/// on the spot, or, where it is the first process of a container, never.
///
/// # Errors
/// The system's.
pub fn at_signals() -> Result<()> {
    let place = || "waiting for signals";
    let mut signals = Signals::new([SIGTERM, SIGINT]).context(place)?;
    let wait = move || {
        let mut first: Option<Instant> = None;
        for signal in signals.forever() {
            match first {
                None => {
                    first = Some(Instant::now());
                    request(Reason::Signal(signal));
                }
                Some(at) if at.elapsed() < REPEATED_WITHIN => {}
                Some(_) => exit_for(&Reason::Signal(signal)),
            }
        }
    };
    thread::Builder::new().name("signals".to_owned()).spawn(wait).context(place)?;
    Ok(())
}

/// Tells the process to end when it has lasted so long from now.
///
/// # Errors
/// The system's.
pub fn after(limit: Duration) -> Result<()> {
    let wait = move || {
        thread::sleep(limit);
        request(Reason::Deadline(limit));
    };
    thread::Builder::new().name("deadline".to_owned()).spawn(wait).context(|| "starting the deadline")?;
    Ok(())
}

/// What becomes of a session's queries when the process has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queries {
    /// They are cancelled at once.
    End,
    /// They may finish, as far as there is time: they are short, and record what was done.
    Finish,
}

/// A session with the database, as far as ending its queries goes.
pub struct Session {
    queries: Queries,
    cancel: OnceLock<Box<dyn Fn() + Send + Sync>>,
    is_cancelling: AtomicBool,
}

impl Session {
    /// A session that is not open yet. Its queries are ended as long as somebody keeps this.
    pub fn new(queries: Queries) -> Arc<Self> {
        let session = Self { queries, cancel: OnceLock::new(), is_cancelling: AtomicBool::new(false) };
        let session = Arc::new(session);
        let mut sessions = lock(&SESSIONS);
        sessions.retain(|other| other.strong_count() > 0);
        sessions.push(Arc::downgrade(&session));
        session
    }

    /// Tells how the query under way is cancelled.
    pub fn set_cancel(&self, cancel: impl Fn() + Send + Sync + 'static) {
        // A session is opened once.
        let _ = self.cancel.set(Box::new(cancel));
    }

    /// Cancels the query under way on a thread of its own: reaching the server may take long.
    fn cancel(self: &Arc<Self>) {
        if self.cancel.get().is_none() || self.is_cancelling.swap(true, Ordering::Relaxed) {
            return;
        }
        let session = Arc::clone(self);
        let work = move || {
            if let Some(cancel) = session.cancel.get() {
                cancel();
            }
            session.is_cancelling.store(false, Ordering::Relaxed);
        };
        if let Err(error) = thread::Builder::new().name("cancel".to_owned()).spawn(work) {
            log::warn!("no thread can be started to cancel a query: {error}");
        }
    }
}

/// Ends the queries of this process until it has ended or settled. When that takes too long, has the last words said, and ends it.
fn see_to_the_end(told: Told) {
    let is_on = || lock(&TOLD).is_some_and(|now| std::ptr::eq(now.reason, told.reason));
    let mut speaker = None;
    while is_on() && told.at.elapsed() < ENDS_WITHIN {
        if told.at.elapsed() >= SPEAKS_AFTER {
            speaker = speaker.or_else(|| say_last_words(told.reason));
        } else {
            cancel_queries(told.at.elapsed() >= FINISHES_WITHIN);
        }
        thread::sleep(CANCEL_INTERVAL);
    }
    if !is_on() {
        return;
    }
    log::error!("something does not end; the process ends without it");
    if let (Some(speaker), false) = (speaker, matches!(told.reason, Reason::Signal(_))) {
        // That they panicked has been told by them.
        let _ = speaker.join();
    }
    exit_for(told.reason);
}

/// Cancels the queries that are under way; with `all`, also those that record how it ended.
fn cancel_queries(all: bool) {
    let sessions: Vec<_> = lock(&SESSIONS).iter().filter_map(Weak::upgrade).collect();
    for session in sessions.iter().filter(|session| session.queries == Queries::End || all) {
        session.cancel();
    }
}

/// Has the last words said, if there are any; they are said once.
fn say_last_words(reason: &'static Reason) -> Option<thread::JoinHandle<()>> {
    let mut words = lock(&LAST_WORDS);
    match std::mem::replace(&mut *words, LastWords::Said) {
        LastWords::Ready(speak) => {
            thread::Builder::new().name("last-words".to_owned()).spawn(move || speak(reason)).ok()
        }
        other => {
            *words = other;
            None
        }
    }
}

/// Nothing that is guarded here is ever half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_words_and_its_exit_code() {
        let cases = [
            (Reason::Deadline(Duration::from_secs(30)), 124, "the run's deadline of 0.5 min was reached"),
            (Reason::Signal(SIGTERM), 143, "SIGTERM was received"),
            (Reason::Signal(SIGINT), 130, "SIGINT was received"),
            (Reason::LockLost("gone".to_owned()), 1, "the session that holds the run's lock was lost: gone"),
        ];
        for (reason, code, words) in cases {
            assert_eq!((reason.error().exit_code(), reason.to_string()), (code, words.to_owned()));
        }
    }
}
