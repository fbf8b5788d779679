//! Shows on a terminal how far a stage's program is: it follows the events that the program appends to its
//! `--status-jsonl`, and draws what an event with the numbers `done` and `total` says.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::tail;
use crate::report::progress::Progress;

/// Between two looks at the file.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// How much of the file's end is looked at: far more than the last events take.
const TAIL_BYTES: usize = 16 << 10;

/// Follows one file of events.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    progress: Progress,
    looked: Option<Instant>,
}

impl Follower {
    /// Follows the events of `stage` in the file at `path`, which need not be there yet.
    pub fn new(stage: &str, path: PathBuf) -> Self {
        Self { path, progress: Progress::new(stage, "done", None), looked: None }
    }

    /// Redraws the line when it is time to; call it often. Does nothing without a terminal.
    pub fn tick(&mut self) {
        if !self.progress.is_shown() {
            return;
        }
        if self.looked.is_none_or(|looked| looked.elapsed() >= LOOK_INTERVAL) {
            self.looked = Some(Instant::now());
            if let Some((done, total)) =
                tail::read(&self.path, TAIL_BYTES).ok().and_then(|tail| last_count(&tail))
            {
                self.progress.set_done(done);
                self.progress.set_total(total);
            }
        }
        self.progress.tick();
    }
}

/// `done` and `total` of the last whole line that has both. The first and the last line may be cut.
fn last_count(tail: &[u8]) -> Option<(u64, u64)> {
    tail.split(|byte| *byte == b'\n').rev().find_map(|line| {
        let event: Value = serde_json::from_slice(line).ok()?;
        Some((event.get("done")?.as_u64()?, event.get("total")?.as_u64()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_event_with_both_numbers_counts() {
        let tail = b"one\": 1}\n{\"done\": 1, \"total\": 9}\n{\"done\": 2, \"total\": 9}\n{\"event\": \"x\"}\n{\"done\": 3, \"to";
        assert_eq!(last_count(tail), Some((2, 9)));
        assert_eq!(last_count(b"{\"done\": 1}\n{\"done\": -1, \"total\": 2}\n"), None);
        assert_eq!(last_count(b""), None);
    }
}
