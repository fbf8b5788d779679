//! The lock that a run works under: held by a session of its own, which also writes the run's rows, so that nothing is written
//! without the lock; looked after every second, and taken again after a restart of the server.
//!
//! A restart ends every session at once, the writing ones too, so nothing can have been committed under a lock that was lost
//! with it. Whoever took the lock in between has marked this run as abandoned. When the server has gone on all the time, the
//! writing sessions may live on: then the process has to end.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use postgres::Client;

use super::lock;
use crate::db::OneTrip;
use crate::error::{Context, Error, Kind, Result};
use crate::stop::{self, Reason};
use crate::{db, migrations};

/// Between two looks whether the session lives: a round trip each.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// The sessions of a server that goes down do not end at the same moment; on a busy machine, seconds lie between.
const SESSIONS_APART_MAX: Duration = Duration::from_secs(5);
/// A server that does not answer an empty query in this time is as good as gone.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server that is down may take to come back: a restart with recovery takes seconds.
const DOWNTIME_MAX: Duration = Duration::from_secs(60);
/// How long one that is there may refuse a session for another reason: others connect again at the same moment.
const REFUSAL_MAX: Duration = Duration::from_secs(3);
/// Between two attempts to connect.
const CONNECT_PAUSE: Duration = Duration::from_millis(500);
/// How long to try to take the lock again after a restart, when whoever has it may only look.
const RETAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that restarts more often than this within a run has other problems.
const RESTARTS_MAX: u32 = 3;

/// A lock that is held, and its session.
pub struct Lease {
    address: String,
    key: i64,
    /// The run that works under the lock, once it has its row.
    run_id: OnceLock<String>,
    held: Mutex<Held>,
}

struct Held {
    /// None while the lock is not held.
    session: Option<Client>,
    /// What changes when the server restarts.
    epoch: String,
    restarts: u32,
}

impl Lease {
    /// Takes the lock `key` in a session of its own. Writes nothing.
    ///
    /// # Errors
    /// Unreachable; LockHeld with the holder; Usage when a pooler would leave the lock behind, the server takes no writes, or the tables
    /// are not up to date.
    pub fn take(address: &str, key: i64, timeout: Duration) -> Result<Self> {
        let mut session = db::connect_to_record(address, "run")?;
        lock::acquire(&mut session, key, "the pipeline", timeout)?;
        let looked = db::require_sessions_of_its_own(&mut session, address)
            .and_then(|()| db::require_writable(&mut session))
            .and_then(|()| migrations::require_current(&mut session))
            .and_then(|()| epoch(&mut session));
        let epoch = match looked {
            Ok(epoch) => epoch,
            Err(error) => {
                give_back(&mut session, key);
                return Err(error);
            }
        };
        let held = Mutex::new(Held { session: Some(session), epoch, restarts: 0 });
        Ok(Self { address: address.to_owned(), key, run_id: OnceLock::new(), held })
    }

    /// Looks after the lock of the run `run_id`, which has its row now, until the last one lets go of the lease. When the lock is
    /// lost, the process has to end.
    ///
    /// # Errors
    /// The system's.
    pub fn look_after(self: &Arc<Self>, run_id: &str) -> Result<()> {
        // A lease is looked after once.
        let _ = self.run_id.set(run_id.to_owned());
        let lease = Arc::downgrade(self);
        let look = move || {
            while stop::sleep(LOOK_INTERVAL).is_ok() {
                let Some(lease) = lease.upgrade() else { return };
                if lease.check().is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("lock".to_owned()).spawn(look).context(|| "looking after the lock")?;
        Ok(())
    }

    /// Does `work` in the session that holds the lock; again when the server restarts meanwhile, so `work` may not mind being done
    /// twice.
    ///
    /// # Errors
    /// That of `work`; or the lock is lost.
    pub fn with<T>(&self, mut work: impl FnMut(&mut Client) -> Result<T>) -> Result<T> {
        let mut held = self.lock();
        match work(held.session()?) {
            Err(error) if error.kind() == Kind::SessionLost => {
                self.recover(&mut held, &error)?;
                work(held.session()?)
            }
            done => done,
        }
    }

    /// Looks whether the lock is held, and takes it again after a restart of the server.
    ///
    /// # Errors
    /// The lock is lost: the process has been told to end.
    pub fn check(&self) -> Result<()> {
        let mut held = self.lock();
        match held.session()?.is_valid(ANSWER_TIMEOUT) {
            Ok(()) => Ok(()),
            Err(error) => self.recover(&mut held, &Error::from(error)),
        }
    }

    /// How often the server was restarted, and the lock taken again.
    pub fn restarts(&self) -> u32 {
        self.lock().restarts
    }

    /// Whether the server was restarted since it had been so often, as a stage that has just failed may have noticed first; when it
    /// `lacked_server`, there is more time for that. The lock is held again then.
    pub fn sees_restart_since(&self, restarts: u32, lacked_server: bool) -> bool {
        let patience = if lacked_server { SESSIONS_APART_MAX } else { LOOK_INTERVAL };
        let began = Instant::now();
        loop {
            if self.check().is_err() {
                return false;
            }
            if self.restarts() > restarts {
                return true;
            }
            if began.elapsed() >= patience || stop::sleep(LOOK_INTERVAL / 4).is_err() {
                return false;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the lock again after `lost` has happened to its session. When that must not be, tells the process to end; and still
    /// takes the lock, if it is free and the run has not been marked as abandoned, to record the end under it.
    fn recover(&self, held: &mut Held, lost: &Error) -> Result<()> {
        if let Some(session) = held.session.take() {
            let_go(session);
        }
        log::debug!("the session that holds the lock ended: {lost}");
        let problem = match self.retake(held) {
            Ok(true) if held.restarts <= RESTARTS_MAX => {
                log::warn!("the server was restarted; the run has its lock again and goes on");
                return Ok(());
            }
            Ok(true) => format!("the server was restarted more than {RESTARTS_MAX} times"),
            Ok(false) => lost.to_string(),
            Err(error) => format!("{lost}; then {error}"),
        };
        stop::request(Reason::LockLost(problem.clone()));
        Err(Reason::LockLost(problem).error())
    }

    /// Takes the lock in a new session. Returns whether the server was restarted.
    fn retake(&self, held: &mut Held) -> Result<bool> {
        let mut session = self.reconnect()?;
        let epoch = epoch(&mut session)?;
        let is_restarted = epoch != held.epoch;
        let timeout = if is_restarted { RETAKE_TIMEOUT } else { Duration::ZERO };
        let taken = lock::acquire(&mut session, self.key, "the pipeline", timeout);
        let taken = taken.and_then(|()| self.require_running(&mut session));
        match taken {
            Ok(()) => {
                (held.session, held.epoch) = (Some(session), epoch);
                held.restarts += u32::from(is_restarted);
                Ok(is_restarted)
            }
            Err(error) if is_restarted => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// Opens a session as soon as the server is there again.
    fn reconnect(&self) -> Result<Client> {
        let began = Instant::now();
        // Since when it is there, and refuses.
        let mut refused_since = None;
        loop {
            let error = match db::connect_to_record(&self.address, "run") {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            let is_refused_too_long = match error.kind() {
                Kind::ServerDown => {
                    refused_since = None;
                    false
                }
                _ => refused_since.get_or_insert_with(Instant::now).elapsed() >= REFUSAL_MAX,
            };
            if is_refused_too_long || began.elapsed() >= DOWNTIME_MAX {
                return Err(error);
            }
            stop::sleep(CONNECT_PAUSE)?;
        }
    }

    /// Nobody who had the lock in between has marked the run as abandoned.
    fn require_running(&self, session: &mut Client) -> Result<()> {
        let Some(run_id) = self.run_id.get() else {
            return Err(Error::failed("the run had not begun"));
        };
        let row = session.row(include_str!("../../sql/pipeline/run_is_running.sql"), &[run_id])?;
        match row.get(0) {
            true => Ok(()),
            false => {
                Err(Error::failed("another run has had the lock since, and marked this one as abandoned"))
            }
        }
    }
}

impl Held {
    fn session(&mut self) -> Result<&mut Client> {
        self.session.as_mut().ok_or_else(|| Error::failed("the session that holds the run's lock was lost"))
    }
}

/// Ends a session without waiting for it: a server that does not answer does not say goodbye either.
fn let_go(session: Client) {
    if let Err(error) = thread::Builder::new().name("goodbye".to_owned()).spawn(move || drop(session)) {
        log::debug!("the session could not be ended on a thread of its own: {error}");
    }
}

/// What changes when the server restarts, or goes on after a crash.
fn epoch(session: &mut Client) -> Result<String> {
    let row = session
        .row(include_str!("../../sql/session_epoch.sql"), &[])
        .context(|| "asking since when the server runs")?;
    Ok(row.get(0))
}

/// Gives a lock back that may have been taken by way of a pooler: there it lies in the session that was used last, which most likely
/// comes next.
fn give_back(session: &mut Client, key: i64) {
    const ATTEMPTS: u32 = 20;
    for _ in 0..ATTEMPTS {
        match lock::release(session, key) {
            Ok(false) => {}
            // A session that is lost has lost its lock, too.
            Ok(true) | Err(_) => return,
        }
    }
    log::warn!("the lock stays in the pooler until that ends its session with the server");
}
