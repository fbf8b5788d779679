//! What may end a run early: its deadline, and the loss of the session that holds its lock.

use std::time::{Duration, Instant};

use postgres::Client;
use time::OffsetDateTime;

use crate::error::Error;

/// Between two questions to the server whether the session lives: a round trip each.
const SESSION_INTERVAL: Duration = Duration::from_secs(1);
/// A server that does not answer an empty query in this time is as good as gone.
const SESSION_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a run has to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The run has lasted as long as it may.
    Deadline,
    /// The session that holds the lock is gone, so another run may have begun.
    LockLost(String),
}

/// The run's clock. Its time goes on evenly from `start`, whatever happens to the system's clock.
#[derive(Debug)]
pub struct Watch {
    start: OffsetDateTime,
    began: Instant,
    limit: Duration,
    session_seen: Option<Instant>,
    session_lost: Option<String>,
}

impl Watch {
    /// A run that begins now, at `start`, and may last `limit`.
    pub fn new(start: OffsetDateTime, limit: Duration) -> Self {
        Self { start, began: Instant::now(), limit, session_seen: None, session_lost: None }
    }

    /// The time.
    pub fn now(&self) -> OffsetDateTime {
        self.start + self.began.elapsed()
    }

    /// How long the run has lasted.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether the deadline has passed.
    pub fn is_over(&self) -> bool {
        self.began.elapsed() >= self.limit
    }

    /// Why the run has to stop, if it has to. Asks the server once a second, however often it is called.
    pub fn stop(&mut self, client: &mut Client) -> Option<Stop> {
        if self.session_lost.is_some() {
            return self.lost();
        }
        if self.is_over() {
            return Some(Stop::Deadline);
        }
        if self.session_seen.is_some_and(|seen| seen.elapsed() < SESSION_INTERVAL) {
            return None;
        }
        match client.is_valid(SESSION_TIMEOUT) {
            Ok(()) => {
                self.session_seen = Some(Instant::now());
                None
            }
            Err(error) => {
                self.session_lost = Some(Error::from(error).to_string());
                self.lost()
            }
        }
    }

    /// [`Stop::LockLost`] once [`Watch::stop`] has seen it.
    pub fn lost(&self) -> Option<Stop> {
        self.session_lost.clone().map(Stop::LockLost)
    }
}
