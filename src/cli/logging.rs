//! How diagnostics are written: to standard error, a line with time and level each; in systemd's journal, which has times of its own,
//! with the priority that it understands.

use std::io::Write;

use log::{Level, LevelFilter};

use crate::config;
use crate::error::Error;

/// Set by systemd for a program whose output goes to the journal.
const JOURNAL_VARIABLE: &str = "JOURNAL_STREAM";
/// What the journal calls an error; see [`priority`].
const PRIORITY_ERROR: u8 = 3;

/// Starts the log, at level info unless RUST_LOG says otherwise.
pub(super) fn start() {
    let mut builder = env_logger::Builder::from_default_env();
    if matches!(config::variable("RUST_LOG"), Ok(None)) {
        builder.filter_level(LevelFilter::Info);
    }
    builder.format_target(false);
    if is_journal() {
        builder.format(|buffer, record| {
            write!(buffer, "{}", for_journal(priority(record.level()), &record.args().to_string()))
        });
    }
    let _ = builder.try_init();
}

/// `--quiet`: from now on warnings and errors only, and no progress.
pub(super) fn quiet() {
    log::set_max_level(log::max_level().min(LevelFilter::Warn));
}

/// Prints the error that ends the program.
pub fn print_error(error: &Error) {
    let line = format!("teelo: {error}");
    let text = if is_journal() { for_journal(PRIORITY_ERROR, &line) } else { format!("{line}\n") };
    // Not eprintln, which panics when the reader of standard error has gone.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn is_journal() -> bool {
    !matches!(config::variable(JOURNAL_VARIABLE), Ok(None))
}

/// As syslog numbers them.
fn priority(level: Level) -> u8 {
    match level {
        Level::Error => PRIORITY_ERROR,
        Level::Warn => 4,
        Level::Info => 6,
        Level::Debug | Level::Trace => 7,
    }
}

/// The lines of `text`, each with its priority: the journal makes an entry of each.
fn for_journal(priority: u8, text: &str) -> String {
    text.lines().map(|line| format!("<{priority}>{line}\n")).collect()
}
