//! `teelo migrate`.

use lexopt::prelude::*;

use super::{print, unexpected, usage_error};
use crate::error::Result;

const USAGE: &str = "\
Creates or upgrades the tables. Safe to run at any time: what is there stays as it is, and a second run does
nothing. An existing Teelo database is adopted without touching a row.

Usage: teelo migrate [OPTIONS]

Options:
  --status    list every migration and whether it is applied; change nothing
  --dry-run   list what would be applied; change nothing
  --help      print this

Examples:
  teelo migrate --dry-run
  teelo migrate
";

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("help") | Short('h') => return print(USAGE),
            _ => return Err(unexpected(argument, "teelo migrate")),
        }
    }
    print("")
}
