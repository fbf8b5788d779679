//! Shows on a terminal how far a stage's program is: it follows the events that the program appends to its
//! `--status-jsonl`, and draws what an event with the numbers `done` and `total` says.

use std::path::PathBuf;
use std::time::{Duration, Instant};

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
        Self { path, progress: Progress::new(stage, "", None), looked: None }
    }

    /// Redraws the line when it is time to; call it often. Does nothing without a terminal.
    pub fn tick(&mut self) {
        if !self.progress.is_shown() {
            return;
        }
        if self.looked.is_none_or(|looked| looked.elapsed() >= LOOK_INTERVAL) {
            self.looked = Some(Instant::now());
            if let Ok(tail) = tail::read(&self.path, TAIL_BYTES) {
                take_over_last(&mut self.progress, &tail);
            }
        }
        self.progress.tick();
    }
}

/// Takes over the last event that tells of progress. The first and the last line may be cut.
fn take_over_last(progress: &mut Progress, tail: &[u8]) {
    tail.split(|byte| *byte == b'\n')
        .rev()
        .filter_map(|line| serde_json::from_slice(line).ok())
        .any(|event| progress.take_over(&event));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_event_with_both_numbers_counts() {
        let followed = |tail: &[u8]| {
            let mut progress = Progress::new("stage", "", None);
            take_over_last(&mut progress, tail);
            progress.to_json()
        };
        let tail = b"one\": 1}\n{\"done\": 1, \"total\": 9}\n{\"done\": 2, \"total\": 9, \"unit\": \"kB\"}\n[]\n{\"event\": \"x\"}\n{\"done\": 3";
        assert_eq!(followed(tail), json!({"done": 2, "total": 9, "unit": "kB"}));
        assert_eq!(
            followed(b"{\"done\": 5, \"total\": 6}\n"),
            json!({"done": 5, "total": 6, "unit": "done"})
        );
        let nothing = json!({"done": 0, "total": null, "unit": ""});
        assert_eq!(followed(b"{\"done\": 1}\n{\"done\": -1, \"total\": 2}\n"), nothing);
        assert_eq!(followed(b""), nothing);
    }
}
