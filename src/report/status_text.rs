//! `teelo status` for people: a line a subject, the last runs with their stages, and what failed.

use super::runs::{DIED, Run};
use super::status::{FailedTask, Freshness, Pending, Queue, Report};
use super::text::{Paint, clean, duration, first_line, line, number, plural, span};

/// Files listed; --json has more of them.
const FAILURES_MAX: usize = 20;
/// Wide enough for the subjects.
const SUBJECT_WIDTH: usize = 9;
/// Wide enough for a run's id, and for a stage's name two columns further in.
const NAME_WIDTH: usize = 31;
/// Wide enough for the longest status.
const STATUS_WIDTH: usize = 11;
/// Wide enough for `23 h 59 min ago`.
const AGE_WIDTH: usize = 15;

/// The report as text; `is_coloured`: statuses in colours.
pub fn text(report: &Report, is_coloured: bool) -> String {
    let paint = Paint { is_coloured };
    let lock = match &report.lock_holder {
        Some(holder) => format!("held by {}", clean(&holder.to_string())),
        None => "free".to_owned(),
    };
    let reviews = match report.reviews_waiting {
        0 => "nobody waits for a decision".to_owned(),
        count => format!("{} wait for a decision: teelo identities", plural(count, "name")),
    };
    let mut text = String::new();
    for (subject, line) in [
        ("fresh", freshness(&report.freshness, paint)),
        ("lock", lock),
        ("pending", pending(&report.pending)),
        ("queue", queue(&report.queue, paint)),
        ("reviews", reviews),
    ] {
        text.push_str(&format!("{subject:<SUBJECT_WIDTH$}{line}\n"));
    }
    if !report.queue.failures.is_empty() {
        text.push_str("\nfailed files\n");
        text.push_str(&failures(&report.queue.failures, paint));
    }
    if !report.runs.is_empty() {
        text.push_str("\nlast runs\n");
        text.extend(report.runs.iter().map(|one| run(one, paint)));
    }
    text
}

fn freshness(freshness: &Freshness, paint: Paint) -> String {
    let limit = freshness.max_age_minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
    let verdict = match freshness.is_fresh {
        Some(true) => format!("{} (limit {limit} min): ", paint.good("yes")),
        Some(false) => format!("{} (limit {limit} min): ", paint.bad("STALE")),
        None => String::new(),
    };
    match &freshness.last_successful {
        Some(run) => {
            let when = if run.age_s < -1.0 {
                format!("ended in the future, at {} (whose clock is wrong?)", run.ended_at)
            } else {
                format!("ended {} ago", span(run.age_s))
            };
            let note = if run.status == "partial" { " (partial)" } else { "" };
            format!("{verdict}the last successful run {when}{note}")
        }
        None => format!("{verdict}no run has succeeded yet"),
    }
}

fn pending(pending: &Pending) -> String {
    if pending.changes == 0 {
        return "nothing to rate".to_owned();
    }
    let changes = plural(pending.changes, "change");
    match &pending.earliest {
        // Before the first year of the calendar: from the beginning.
        Some(earliest) if earliest.every_match && earliest.temporal_order < 0 => {
            "every match to rate again".to_owned()
        }
        Some(earliest) if earliest.every_match => format!(
            "every match to rate again from {} on (temporal_order {})",
            day(earliest.temporal_order).trim_start_matches("of "),
            earliest.temporal_order
        ),
        Some(earliest) => format!(
            "{changes} to rate, the earliest {} (temporal_order {}, match {})",
            day(earliest.temporal_order),
            earliest.temporal_order,
            earliest.match_id
        ),
        None => format!("{changes} to rate, none of a match that counts"),
    }
}

/// `of 2026-01-02`, out of a temporal order: `YYYYMMDD * 10^7` and more.
fn day(temporal_order: i64) -> String {
    let date = temporal_order / 10_000_000;
    match date / 10_000 {
        9999 => "of an unknown day".to_owned(),
        year => format!("of {year:04}-{:02}-{:02}", date / 100 % 100, date % 100),
    }
}

fn queue(queue: &Queue, paint: Paint) -> String {
    let counts = [
        (queue.pending, "pending", ""),
        (queue.in_progress, "in progress", ""),
        (queue.retry, "retry", "retry"),
        (queue.failed, "failed", "failed"),
        (queue.completed, "completed", ""),
    ];
    let shown: Vec<String> = counts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, word, status)| paint.status(status, &format!("{} {word}", number(*count))))
        .collect();
    if shown.is_empty() { "no file was queued yet".to_owned() } else { shown.join(", ") }
}

fn failures(failures: &[FailedTask], paint: Paint) -> String {
    let mut text = String::new();
    for task in failures.iter().take(FAILURES_MAX) {
        let status = paint.status(&task.status, &format!("{:<6}", clean(&task.status)));
        let file = task.file.as_deref().map_or_else(|| format!("task {}", task.id), clean);
        let attempts = format!("{} of {} attempts", task.attempts, task.max_attempts);
        let next = match task.next_attempt_in_s {
            Some(seconds) if seconds > 0.0 => format!(", again in {}", span(seconds)),
            _ if task.status == "retry" => ", again with the next run".to_owned(),
            _ => ", again when the file changes".to_owned(),
        };
        text.push_str(&format!("  {status}  {file}: {attempts}{next}\n"));
        if let Some(error) = &task.error {
            text.push_str(&format!("          {}\n", first_line(error)));
        }
    }
    if failures.len() > FAILURES_MAX {
        let rest = failures.len() - FAILURES_MAX;
        text.push_str(&format!("  and {rest} more: teelo status --json\n"));
    }
    text
}

fn run(run: &Run, paint: Paint) -> String {
    let began = format!("{} ago", span(run.age_s));
    let status = paint.status(&run.status, &format!("{:<STATUS_WIDTH$}", clean(&run.status)));
    let error = match (&run.error_text, run.status.as_str()) {
        (Some(error), _) => first_line(error),
        (None, DIED) => "it ended without recording how".to_owned(),
        (None, _) => String::new(),
    };
    let mut text = line(&format!(
        "  {:<NAME_WIDTH$}  {status}  {began:>AGE_WIDTH$}  {:>10}  {error}",
        clean(&run.run_id),
        duration(run.duration_s)
    ));
    for stage in &run.stages {
        let status = paint.status(&stage.status, &format!("{:<STATUS_WIDTH$}", clean(&stage.status)));
        let error = stage.error_text.as_deref().unwrap_or_default();
        let name_width = NAME_WIDTH - 2;
        text.push_str(&line(&format!(
            "    {:<name_width$}  {status}  {:>AGE_WIDTH$}  {:>10}  {}",
            clean(&stage.name),
            "",
            duration(stage.duration_s.filter(|_| stage.status != "skipped")),
            first_line(error)
        )));
        // The end of a program's standard error says most.
        if let Some(last) = error.trim().lines().skip(1).last() {
            text.push_str(&format!("      … {}\n", first_line(last)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_out_of_a_position() {
        assert_eq!(day(202_401_020_000_130), "of 2024-01-02");
        assert_eq!(day(999_912_310_000_130), "of an unknown day");
    }
}
