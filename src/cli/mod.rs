//! The command tree: one file a subcommand, each with its USAGE, its arguments and `run`.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use lexopt::prelude::*;

use crate::error::{EXIT_DONE, Error, Kind, Result};
use crate::pipeline::metrics::{StageReport, Status};
use crate::{config, db, stop};

pub use logging::print_error;

mod after_run;
mod check;
mod completions;
mod demo;
pub(crate) mod devdb;
mod doctor;
mod elo;
mod help;
mod hooks;
mod identities;
mod ingest;
mod logging;
mod man;
mod migrate;
mod players;
mod prune;
mod rankings;
mod run;
mod runs;
mod status;
mod verify;

const USAGE: &str = "\
teelo keeps a tennis database current every hour, with ELO ratings that are exact under any history.

Usage: teelo COMMAND [OPTIONS]

Commands:
  run          the hourly pipeline: ingest, rate, complete the players
  ingest       bring draws, orders of play, results and match archives in
  elo          rate what is pending
  players      fill in what is missing about players
  status       how the pipeline stands: last runs, lock, queue, freshness
  runs         the runs of the past, and one run with all that it recorded
  doctor       check everything that a run needs, with a fix for each finding
  verify       replay everything in memory and compare
  rankings     who has the highest rating now
  identities   names that nobody can tell, and players who are there twice
  prune        remove what old runs left behind
  migrate      create or upgrade the tables
  devdb        a private PostgreSQL for development
  demo         a private PostgreSQL, a made-up season, several hourly runs
  completions  what makes a shell complete commands and flags
  man          the manual page

Every command has its own help: teelo COMMAND --help
  --version   print the version
  --help      print this

The database is named by DATABASE_URL, for example postgresql://teelo@localhost/teelo, or by PGHOST, PGDATABASE, PGSERVICE and the
other variables of psql. ~/.pgpass, service files and TLS work as they do there: docs/CONFIGURATION.md.
";

/// Runs a command with the arguments left after its name; returns the exit code.
type Command = fn(&mut lexopt::Parser) -> Result<u8>;

/// Every command: its name, its help, and what it does.
const COMMANDS: &[(&str, &str, Command)] = &[
    ("completions", completions::USAGE, completions::run),
    ("demo", demo::USAGE, demo::run),
    ("devdb", devdb::USAGE, devdb::run),
    ("doctor", doctor::USAGE, doctor::run),
    ("elo", elo::USAGE, elo::run),
    ("identities", identities::USAGE, identities::run),
    ("ingest", ingest::USAGE, ingest::run),
    ("man", man::USAGE, man::run),
    ("migrate", migrate::USAGE, migrate::run),
    ("players", players::USAGE, players::run),
    ("prune", prune::USAGE, prune::run),
    ("rankings", rankings::USAGE, rankings::run),
    ("run", run::USAGE, run::run),
    ("runs", runs::USAGE, runs::run),
    ("status", status::USAGE, status::run),
    ("verify", verify::USAGE, verify::run),
];

/// Runs the command line `arguments` (without the program's name) and returns the exit code.
///
/// # Errors
/// What the command could not do.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Result<u8> {
    logging::start();
    let mut parser = lexopt::Parser::from_args(arguments);
    match parser.next().map_err(usage_error)? {
        Some(Long("version") | Short('V')) => print(concat!("teelo ", env!("CARGO_PKG_VERSION"), "\n")),
        Some(Long("help") | Short('h')) => print(USAGE),
        Some(Value(name)) => {
            let name = name.to_string_lossy().into_owned();
            match COMMANDS.iter().find(|(known, ..)| *known == name) {
                // What is not done when the process has to end is so for that reason, whatever it looks like.
                Some((_, _, command)) => {
                    command(&mut parser).map_err(|error| stop::check().err().unwrap_or(error))
                }
                None if name == "help" => print(USAGE),
                None => Err(Error::usage(format!("unknown command {name:?}; `teelo --help` lists them"))),
            }
        }
        Some(argument) => Err(unexpected(argument, "teelo")),
        None => {
            print(USAGE)?;
            Err(Error::usage("a command is needed"))
        }
    }
}

/// The address of DATABASE_URL when TEELO_LOCK_DATABASE_URL gives another one, which is used instead: the programs that a run starts
/// may use it.
///
/// # Errors
/// As [`config::address`].
pub(crate) fn program_database_url() -> Result<Option<String>> {
    match config::address(config::DIRECT)? {
        Some(_) => config::address("DATABASE_URL"),
        None => Ok(None),
    }
}

/// Makes sure that the programs that a run starts meet the same database as the run does, at `address`.
///
/// # Errors
/// Usage, when they do not; Unreachable.
pub(crate) fn require_one_database(address: &str) -> Result<()> {
    match program_database_url()? {
        Some(other) => db::require_same_database((config::DIRECT, address), ("DATABASE_URL", &other)),
        None => Ok(()),
    }
}

/// The database's address for a stage that is run by itself: makes sure that no pooler is in the way, and that the server takes writes
/// unless the stage `only_reads`. A run has looked before it starts a stage.
///
/// # Errors
/// As [`config::database_url`] and [`require_one_database`]; Usage when the stage cannot work there.
pub(crate) fn stage_database_url(only_reads: bool) -> Result<String> {
    let address = config::database_url()?;
    if config::variable("TEELO_RUN_ID")?.is_some() {
        return Ok(address);
    }
    require_one_database(&address)?;
    match db::connect(&address, "pooler-check") {
        Ok(mut client) => {
            db::require_sessions_of_its_own(&mut client, &address)?;
            if !only_reads {
                db::require_writable(&mut client)?;
            }
        }
        // The stage says it, and leaves its metrics.
        Err(error) if matches!(error.kind(), Kind::Unreachable | Kind::ServerDown) => {}
        Err(error) => return Err(error),
    }
    Ok(address)
}

/// The reason why a stage that was run by itself was stopped, when it was.
///
/// # Errors
/// That reason.
pub(crate) fn check_not_stopped(report: &StageReport) -> Result<()> {
    match report.status {
        Status::Success | Status::Partial => Ok(()),
        _ => stop::check(),
    }
}

/// Prints `text` to standard output. A reader that went away (`| head`) is no error.
pub(crate) fn print(text: &str) -> Result<u8> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(EXIT_DONE),
    }
}

/// Whether standard output is a terminal that is to show colours.
pub(crate) fn is_styled() -> Result<bool> {
    let is_wanted =
        config::variable("NO_COLOR")?.is_none() && config::variable("TERM")?.as_deref() != Some("dumb");
    Ok(is_wanted && std::io::stdout().is_terminal())
}

/// An argument that the command does not know.
pub(crate) fn unexpected(argument: lexopt::Arg<'_>, command: &str) -> Error {
    let shown = match argument {
        Long(name) => format!("unknown flag --{name}"),
        Short(name) => format!("unknown flag -{name}"),
        Value(value) => format!("unexpected argument {value:?}"),
    };
    Error::usage(format!("{shown}; `{command} --help` lists what it takes"))
}

/// A command line that cannot be parsed.
pub(crate) fn usage_error(error: lexopt::Error) -> Error {
    Error::usage(error.to_string())
}

/// The value of the flag `name`, as text.
pub(crate) fn text_value(parser: &mut lexopt::Parser, name: &str) -> Result<String> {
    let value = parser.value().map_err(|_| Error::usage(format!("{name} needs a value")))?;
    value.into_string().map_err(|value| Error::usage(format!("{name}: {value:?} is not valid UTF-8")))
}

/// The value of the flag `name`, a path.
pub(crate) fn path_value(parser: &mut lexopt::Parser, name: &str) -> Result<PathBuf> {
    text_value(parser, name).map(PathBuf::from)
}

/// The value of the flag `name`, parsed; `expected` describes a good one.
pub(crate) fn parsed_value<T: std::str::FromStr>(
    parser: &mut lexopt::Parser,
    name: &str,
    expected: &str,
) -> Result<T> {
    let text = text_value(parser, name)?;
    config::parse(name, &text, expected)
}
