//! One line with done, total, rate and time left, on a terminal; nothing elsewhere.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Redraws more often than this only flicker.
const REDRAW_INTERVAL: Duration = Duration::from_millis(200);

/// The progress of one stage.
#[derive(Debug)]
pub struct Progress {
    label: String,
    unit: String,
    total: Option<u64>,
    done: u64,
    started: Instant,
    drawn: Option<Instant>,
    shown: bool,
}

impl Progress {
    /// Progress over `total` (None when unknown) `unit`s. Draws only when standard error is a terminal, and who reads it wants
    /// to know more than what goes wrong.
    pub fn new(label: &str, unit: &str, total: Option<u64>) -> Self {
        Self {
            label: label.to_owned(),
            unit: unit.to_owned(),
            total,
            done: 0,
            started: Instant::now(),
            drawn: None,
            shown: std::io::stderr().is_terminal() && log::max_level() >= log::LevelFilter::Info,
        }
    }

    /// Counts `count` more units as done.
    pub fn advance(&mut self, count: u64) {
        self.done += count;
        self.tick();
    }

    /// Redraws the line when it is time to.
    pub fn tick(&mut self) {
        let due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW_INTERVAL);
        if self.shown && due {
            self.drawn = Some(Instant::now());
            eprint!(
                "\r\x1b[2K{}",
                line(&self.label, &self.unit, self.done, self.total, self.started.elapsed())
            );
            let _ = std::io::stderr().flush();
        }
    }

    /// Whether anything is drawn at all.
    pub fn is_shown(&self) -> bool {
        self.shown
    }

    /// Corrects the total.
    pub fn set_total(&mut self, total: u64) {
        self.total = Some(total);
    }

    /// The progress as an event's data, for who follows a stage from outside.
    pub fn to_json(&self) -> Value {
        json!({"done": self.done, "total": self.total, "unit": self.unit})
    }

    /// Takes over the progress of a stage that is followed from outside; false when `event` says nothing about it.
    pub fn take_over(&mut self, event: &Value) -> bool {
        let numbers = (event["done"].as_u64(), event["total"].as_u64());
        let (Some(done), Some(total)) = numbers else { return false };
        self.done = done;
        self.total = Some(total);
        self.unit = event["unit"].as_str().unwrap_or("done").to_owned();
        true
    }
}

impl Drop for Progress {
    /// Takes the line away: what remains on the terminal is the stage's own summary.
    fn drop(&mut self) {
        if self.drawn.is_some() {
            eprint!("\r\x1b[2K");
        }
    }
}

/// `elo 12,000 of 50,000 matches, 4,000/s, 10 s left`; only the time as long as there is nothing to count.
fn line(label: &str, unit: &str, done: u64, total: Option<u64>, elapsed: Duration) -> String {
    if done == 0 && total.is_none() {
        return format!("{label} {}", minutes(elapsed.as_secs()));
    }
    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    let mut text = format!("{label} {}", thousands(done));
    if let Some(total) = total {
        text.push_str(&format!(" of {}", thousands(total)));
    }
    text.push_str(&format!(" {unit}, {}/s", thousands(rate as u64)));
    if let Some(total) = total.filter(|total| *total > done && rate > 0.0) {
        let left_s = ((total - done) as f64 / rate).ceil() as u64;
        text.push_str(&format!(", {} left", minutes(left_s)));
    }
    text
}

/// `12 s`, `16 min 39 s`.
fn minutes(seconds: u64) -> String {
    match seconds {
        0..=59 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// A number with commas between its thousands.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_done_total_rate_and_time_left() {
        let text = line("elo", "matches", 12_000, Some(50_000), Duration::from_secs(3));
        assert_eq!(text, "elo 12,000 of 50,000 matches, 4,000/s, 10 s left");
        let text = line("ingest", "rows", 1_000, Some(1_000_000), Duration::from_secs(1));
        assert_eq!(text, "ingest 1,000 of 1,000,000 rows, 1,000/s, 16 min 39 s left");
        assert_eq!(line("x", "rows", 7, None, Duration::from_secs(1)), "x 7 rows, 7/s");
        assert_eq!(line("x", "rows", 0, None, Duration::from_secs(61)), "x 1 min 01 s");
    }
}
