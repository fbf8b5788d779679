//! `teelo demo`.

use std::path::PathBuf;

use lexopt::prelude::*;

use super::{parsed_value, print, text_value, unexpected, usage_error};
use crate::config;
use crate::demo::{Settings, Surroundings, perform};
use crate::error::Result;

pub(super) const USAGE: &str = "\
Shows what teelo does, on nothing of yours: starts a private PostgreSQL, makes up a tennis season, and runs the
hourly pipeline several times while results come in, one of them late and two wrong at first. It prints what each run
did, proves that the ratings are those of a full replay, and prints the rankings.

Usage: teelo demo [OPTIONS]

Options:
  --seed N         make up another season (default 1)
  --dir DIR        where everything is kept (default .teelo/demo); a demonstration that is there is thrown away
  --keep-running   leave the server running, to look into the database at once
  --help           print this

When it ends the server is stopped, unless you say otherwise; its data, the season's files and the files of the runs
stay in DIR. It needs PostgreSQL's server programs (package postgresql), and no network, account or TCP port.

Examples:
  teelo demo
  teelo demo --keep-running --seed 7
";

/// Kept beside the development database, hidden from git.
const DEFAULT_FOLDER: &str = ".teelo/demo";
/// What the commands of the demonstration see of the user's environment; settings of teelo's are not among it.
const PASSED_ON: [&str; 4] = ["PATH", "HOME", "TMPDIR", "RUST_BACKTRACE"];

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let mut settings = Settings {
        seed: 1,
        keep_running: false,
        called: called(),
        folder: PathBuf::from(DEFAULT_FOLDER),
        is_styled: super::is_styled()?,
    };
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("seed") => settings.seed = parsed_value(parser, "--seed", "a whole number, 0 or more")?,
            Long("dir") => settings.folder = PathBuf::from(text_value(parser, "--dir")?),
            Long("keep-running") => settings.keep_running = true,
            Long("help") | Short('h') => return print(USAGE),
            _ => return Err(unexpected(argument, "teelo demo")),
        }
    }
    let environment = PASSED_ON.iter().filter_map(|name| Some((name.into(), std::env::var_os(name)?)));
    let surroundings = Surroundings {
        folder: settings.folder.clone(),
        program: std::env::current_exe()?,
        environment: environment.collect(),
        server: config::private_server()?,
    };
    perform(&settings, surroundings, &mut |text| print(text).map(|_| ()))?;
    Ok(crate::error::EXIT_DONE)
}

/// How the user calls this program: what the shown commands begin with.
fn called() -> String {
    std::env::args_os().next().map_or_else(|| "teelo".to_owned(), |name| name.to_string_lossy().into_owned())
}
