//! `teelo doctor` for people: a line a check, and below a finding what to do.

use super::text::{Paint, clean};
use crate::doctor::{Check, Level, Report};

/// Wide enough for the longest name of a check.
const NAME_WIDTH: usize = 17;
/// Wide enough for the longest level.
const LEVEL_WIDTH: usize = 11;

/// The checks, and how many are of each level; `is_coloured`: levels in colours.
pub fn text(report: &Report, is_coloured: bool) -> String {
    let paint = Paint { is_coloured };
    let mut text: String = report.checks.iter().map(|check| lines(check, paint)).collect();
    let count = |level| report.checks.iter().filter(|check| check.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    text.push_str(&match (errors, warnings) {
        (0, 0) => format!("\nall is well: {} checks\n", report.checks.len()),
        (0, _) => format!("\nnothing is wrong; {warnings} of {} checks warn\n", report.checks.len()),
        _ => format!("\n{errors} of {} checks found something wrong, {warnings} warn\n", report.checks.len()),
    });
    text
}

fn lines(check: &Check, paint: Paint) -> String {
    let (word, status) = match check.level {
        Level::Ok => ("ok", "success"),
        Level::Information => ("information", "running"),
        Level::Warning => ("warning", "partial"),
        Level::Error => ("error", "failed"),
    };
    let level = paint.status(status, &format!("{word:<LEVEL_WIDTH$}"));
    let mut text = format!("{level}  {:<NAME_WIDTH$}  {}\n", check.name, clean(&check.message));
    if let Some(fix) = &check.fix {
        text.push_str(&format!("{:indent$}-> {}\n", "", clean(fix), indent = LEVEL_WIDTH + NAME_WIDTH + 4));
    }
    text
}
