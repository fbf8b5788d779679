//! The table: one row a promise.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

/// Grows when a field of the JSON changes its meaning or goes.
const SCHEMA_VERSION: u32 = 2;

/// A promise, what it took, and the least that it could take.
pub struct Row {
    /// What is done.
    pub name: String,
    /// Ours, in seconds.
    pub ours: Times,
    /// The floor; None where the bar is an amount.
    pub floor: Option<Times>,
    /// What is promised.
    pub bar: Bar,
    /// The most memory that our process held.
    pub peak_kb: Option<u64>,
    /// What else there is to say.
    pub note: String,
}

/// What is promised.
pub enum Bar {
    /// At most so many times the floor.
    Ratio(f64),
    /// At most so many times the floor, and so many seconds.
    RatioAndSeconds(f64, f64),
    /// At most so many seconds.
    Seconds(f64),
}

/// What the turns of one side took, fastest first.
pub struct Times(Vec<f64>);

impl Times {
    /// The times of at least one turn.
    pub fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times.iter().map(Duration::as_secs_f64).collect())
    }

    /// The one in the middle, in seconds.
    pub fn median_s(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    fn fastest_s(&self) -> f64 {
        self.0[0]
    }
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        Some(self.ours.median_s() / self.floor.as_ref()?.median_s())
    }

    fn ratio_of_fastest(&self) -> Option<f64> {
        Some(self.ours.fastest_s() / self.floor.as_ref()?.fastest_s())
    }

    fn is_met(&self) -> bool {
        let ratio = self.ratio().unwrap_or(f64::INFINITY);
        let ours = self.ours.median_s();
        match self.bar {
            Bar::Ratio(most) => ratio <= most,
            Bar::RatioAndSeconds(most, seconds) => ratio <= most && ours <= seconds,
            Bar::Seconds(seconds) => ours <= seconds,
        }
    }

    fn bar(&self) -> String {
        match self.bar {
            Bar::Ratio(ratio) => format!("{ratio} x"),
            Bar::RatioAndSeconds(ratio, seconds) => format!("{ratio} x, {}", shown(seconds)),
            Bar::Seconds(seconds) => shown(seconds),
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "ours_s": self.ours.median_s(),
            "floor_s": self.floor.as_ref().map(Times::median_s),
            "ratio": self.ratio(),
            "ours_fastest_s": self.ours.fastest_s(),
            "floor_fastest_s": self.floor.as_ref().map(Times::fastest_s),
            "ratio_of_fastest": self.ratio_of_fastest(),
            "bar": self.bar(),
            "met": self.is_met(),
            "peak_memory_kb": self.peak_kb,
            "turns": self.ours.0.len(),
            "note": self.note,
        })
    }
}

fn shown(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.1} ms", seconds * 1000.0) } else { format!("{seconds:.2} s") }
}

/// The table for docs/PERFORMANCE.md.
pub fn markdown(about: &Value, rows: &[Row]) -> String {
    let mut text = String::new();
    for (key, value) in about.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        _ = writeln!(text, "- {}: {value}", key.replace('_', " "));
    }
    text.push_str("\n| what | ours | floor | ratio | of the fastest | bar | met | memory | |\n");
    text.push_str("|---|---|---|---|---|---|---|---|---|\n");
    for row in rows {
        let ratio = |ratio: Option<f64>| ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
        _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.name,
            shown(row.ours.median_s()),
            row.floor.as_ref().map_or(String::new(), |floor| shown(floor.median_s())),
            ratio(row.ratio()),
            ratio(row.ratio_of_fastest()),
            row.bar(),
            if row.is_met() { "yes" } else { "**no**" },
            row.peak_kb.map_or(String::new(), |kb| format!("{:.0} MB", kb as f64 / 1024.0)),
            row.note,
        );
    }
    text
}

/// The same for programs.
pub fn json(about: &Value, rows: &[Row]) -> String {
    let rows: Vec<Value> = rows.iter().map(Row::to_json).collect();
    format!("{:#}\n", json!({"schema_version": SCHEMA_VERSION, "about": about, "rows": rows}))
}
