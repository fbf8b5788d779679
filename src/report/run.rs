//! What `teelo run` prints: a line a stage, and a last one.

use crate::pipeline::metrics::Metrics;
use crate::pipeline::summary::{StageRecord, Summary};

use super::progress::thousands;

/// Wide enough for the longest name of a stage.
const NAME_WIDTH: usize = 29;
/// Wide enough for the longest status.
const STATUS_WIDTH: usize = 11;

/// `current_events_ingest  success  12.3 s  1,234 scanned, 12 processed, 3 skipped, 1 failed`, or why it was skipped.
pub fn stage_line(record: &StageRecord) -> String {
    let head = format!("{:<NAME_WIDTH$}  {:<STATUS_WIDTH$}", record.name, record.status.as_str());
    match &record.metrics {
        Some(metrics) => format!("{head}  {:>8.1} s  {}\n", metrics.duration_s, counts(metrics)),
        None => format!("{head}  {}\n", record.error_text.as_deref().unwrap_or("")),
    }
}

fn counts(metrics: &Metrics) -> String {
    [
        (metrics.records_scanned, "scanned"),
        (metrics.records_processed, "processed"),
        (metrics.records_skipped, "skipped"),
        (metrics.records_failed, "failed"),
    ]
    .map(|(count, word)| format!("{} {word}", thousands(count)))
    .join(", ")
}

/// The counters of our own stages that say that a row of `matches` or `players` was written.
const WRITES: [&str; 7] = [
    "matches_inserted",
    "matches_updated",
    "matches_rated",
    "matches_rerated",
    "matches_cleared",
    "unplayed_written",
    "players_filled",
];

/// Whether every stage that ran is known to have left all matches and players as they were.
fn is_known_idle(summary: &Summary) -> bool {
    let mut ran = summary.stages.iter().filter_map(|stage| stage.metrics.as_ref()).peekable();
    ran.peek().is_some()
        && ran.all(|metrics| {
            let mut counts = WRITES.iter().filter_map(|name| metrics.details.get(*name)).peekable();
            counts.peek().is_some() && counts.all(|count| count.as_u64() == Some(0))
        })
}

/// The run's id, status, seconds, and where to look further; before it, whether there was nothing to write.
pub fn last_lines(summary: &Summary) -> String {
    let idle = if is_known_idle(summary) { "no match was written\n" } else { "" };
    let name = format!("run {}", summary.run_id);
    let status = summary.status.as_str();
    format!(
        "{idle}{name:<NAME_WIDTH$}  {status:<STATUS_WIDTH$}  {:>8.1} s  artifacts: {}\n",
        summary.duration_s,
        summary.artifacts.display()
    )
}
