//! `teelo doctor`.

use std::path::PathBuf;

use lexopt::prelude::*;
use time::OffsetDateTime;

use super::{print, unexpected, usage_error};
use crate::config;
use crate::doctor::{self, Settings};
use crate::error::{EXIT_DONE, EXIT_FAILED, Error, Result};
use crate::report;

pub(super) const USAGE: &str = "\
Looks at everything that `teelo run` needs and says for each thing whether it is as it should be, and if not, what to do: settings, the
server and the session with it, tables, triggers, indexes and rights, what waits and what failed, folders, programs, systemd. Changes
nothing, and takes no lock.

Usage: teelo doctor [OPTIONS]

Options:
  --json   print JSON: schema_version, checked_at, is_healthy, checks (name, level, message, fix); levels are ok, information, warning
           and error
  --help   print this

Run it with the settings and as the user of the service: what it finds is about these.

Exit codes: 0 nothing is wrong, though there may be warnings; 1 something is wrong; 2 wrong usage.

Examples:
  teelo doctor
  set -a; . /etc/teelo/teelo.env; set +a; sudo --preserve-env -u teelo teelo doctor
  teelo doctor --json | jq -r '.checks[] | select(.level == \"error\") | .name + \": \" + .fix'
";

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let mut as_json = false;
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("json") => as_json = true,
            Long("help") | Short('h') => return print(USAGE),
            _ => return Err(unexpected(argument, "teelo doctor")),
        }
    }
    let report = doctor::examine(&settings(), OffsetDateTime::now_utc());
    if as_json {
        print(&format!("{:#}\n", serde_json::to_value(&report)?))?;
    } else {
        print(&report::doctor::text(&report, super::is_styled()?))?;
    }
    Ok(if report.is_healthy { EXIT_DONE } else { EXIT_FAILED })
}

/// What the environment says, as far as it can be read; what cannot be is a problem to report.
fn settings() -> Settings {
    let mut problems = Problems::default();
    let programs = problems.take(super::run::programs()).unwrap_or_default();
    let direct = problems.take(config::variable(config::DIRECT)).flatten();
    let settings = Settings {
        database_url: problems.take(config::database_url()),
        database_variable: if direct.is_some() { config::DIRECT } else { "DATABASE_URL" },
        program_database_url: problems.take(super::program_database_url()).flatten(),
        lock_key: problems.take(super::run::lock_key()),
        artifacts: problems.take(super::run::artifacts_root()),
        feeds: problems.take(feeds()).unwrap_or_default(),
        programs,
        search_path: std::env::var_os("PATH"),
        textfile: problems.take(config::variable("TEELO_TEXTFILE")).flatten().map(PathBuf::from),
        keep_days: problems.take(super::prune::keep_days_variable()).flatten(),
        system_root: PathBuf::from("/"),
        problems: Vec::new(),
    };
    problems.take(super::run::check_settings());
    Settings { problems: problems.0, ..settings }
}

/// What is wrong with the settings, each thing once.
#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error: Error| self.note(error.to_string())).ok()
    }

    fn note(&mut self, problem: String) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }
}

/// The folders of TEELO_FEED_DIRS, when our own ingest reads them.
fn feeds() -> Result<Vec<PathBuf>> {
    if config::variable("UPDATE_CURRENT_EVENTS_COMMAND")?.is_some() {
        return Ok(Vec::new());
    }
    Ok(config::variable("TEELO_FEED_DIRS")?.map(|text| super::ingest::folders(&text)).unwrap_or_default())
}
