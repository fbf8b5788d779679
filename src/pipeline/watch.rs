//! The run's clock.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// Goes on evenly from `start`, whatever happens to the system's clock.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    start: OffsetDateTime,
    began: Instant,
}

impl Watch {
    /// A run that begins now, at `start`.
    pub fn new(start: OffsetDateTime) -> Self {
        Self { start, began: Instant::now() }
    }

    /// The time.
    pub fn now(&self) -> OffsetDateTime {
        self.start + self.began.elapsed()
    }

    /// How long the run has lasted.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}
