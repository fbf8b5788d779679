//! `teelo runs` for people: a line a run, or all that is known of one.

use serde_json::Value;

use super::progress::thousands;
use super::runs::{DIED, Detail, Run, StageRun};
use super::text::{Paint, clean, duration, first_line, line, span};

/// Wide enough for a run's id.
const ID_WIDTH: usize = 25;
/// Wide enough for the longest status.
const STATUS_WIDTH: usize = 11;
/// Wide enough for `2026-01-02T03:04:05Z`.
const TIME_WIDTH: usize = 20;
/// Wide enough for the subjects.
const SUBJECT_WIDTH: usize = 11;

/// The runs, a line each; `is_coloured`: statuses in colours.
pub fn list(runs: &[Run], is_coloured: bool) -> String {
    if runs.is_empty() {
        return "no run yet\n".to_owned();
    }
    let paint = Paint { is_coloured };
    runs.iter()
        .map(|run| {
            line(&format!(
                "{:<ID_WIDTH$}  {}  {:<TIME_WIDTH$}  {:>10}  {}",
                clean(&run.run_id),
                paint.status(&run.status, &format!("{:<STATUS_WIDTH$}", clean(&run.status))),
                run.started_at,
                duration(run.duration_s),
                reason(run)
            ))
        })
        .collect()
}

/// Why a run did not succeed: its own error, else that of the first stage that has one and was not passed over.
fn reason(run: &Run) -> String {
    if let Some(error) = &run.error_text {
        return first_line(error);
    }
    let stage = run.stages.iter().find(|stage| stage.error_text.is_some() && stage.status != "skipped");
    match stage {
        Some(StageRun { name, error_text: Some(error), .. }) => {
            format!("{}: {}", clean(name), first_line(error))
        }
        _ if run.status == DIED => "it ended without recording how".to_owned(),
        _ => String::new(),
    }
}

/// All that is known of one run; `is_coloured`: statuses in colours.
pub fn detail(detail: &Detail, is_coloured: bool) -> String {
    let (run, paint) = (&detail.run, Paint { is_coloured });
    let began = format!("{}, {} ago", run.started_at, span(run.age_s));
    let ended =
        run.ended_at.as_ref().map(|ended_at| format!("{ended_at}, after {}", duration(run.duration_s)));
    let mut text = String::new();
    for (subject, shown) in [
        ("run", Some(clean(&run.run_id))),
        ("status", Some(paint.status(&run.status, &clean(&run.status)))),
        ("began", Some(began)),
        ("ended", ended),
        ("artifacts", detail.artifacts.as_deref().map(clean)),
    ] {
        if let Some(shown) = shown {
            text.push_str(&format!("{subject:<SUBJECT_WIDTH$}{shown}\n"));
        }
    }
    text.push_str(&error_lines(run.error_text.as_deref(), "error", SUBJECT_WIDTH));
    text.extend(run.stages.iter().map(|one| stage(one, paint)));
    text
}

fn stage(stage: &StageRun, paint: Paint) -> String {
    let lasted = duration(stage.duration_s.filter(|_| stage.status != "skipped"));
    let status = paint.status(&stage.status, &format!("{:<STATUS_WIDTH$}", clean(&stage.status)));
    let mut text =
        format!("\n{}", line(&format!("{:<ID_WIDTH$}  {status}  {lasted:>10}", clean(&stage.name))));
    text.push_str(&error_lines(stage.error_text.as_deref(), "  error", SUBJECT_WIDTH));
    if let Some(Value::Object(metrics)) = &stage.metrics {
        let width = metrics.keys().map(|name| name.chars().count()).max().unwrap_or(0);
        for (name, value) in metrics {
            text.push_str(&format!("  {:<width$}  {}\n", clean(name), metric(value)));
        }
    }
    text
}

/// A number with commas, text as it is, everything else as JSON; long ones are cut.
fn metric(value: &Value) -> String {
    match value {
        Value::String(text) => first_line(text),
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(whole), _) => thousands(whole),
            (None, Some(real)) => format!("{}", (real * 1000.0).round() / 1000.0),
            (None, None) => number.to_string(),
        },
        other => first_line(&other.to_string()),
    }
}

/// All lines of an error, the first one after `subject`, the others below it.
fn error_lines(error: Option<&str>, subject: &str, width: usize) -> String {
    let lines = error.unwrap_or_default().lines().map(clean).filter(|line| !line.trim().is_empty());
    lines
        .enumerate()
        .map(|(index, text)| line(&format!("{:<width$}{text}", if index == 0 { subject } else { "" })))
        .collect()
}
