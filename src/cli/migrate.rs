//! `teelo migrate`.

use lexopt::prelude::*;
use serde_json::json;
use time::OffsetDateTime;

use super::{print, unexpected, usage_error};
use crate::error::{Error, Result};
use crate::migrations::{self, Applied, MIGRATIONS};
use crate::{config, db, stop};

pub(super) const USAGE: &str = "\
Creates or upgrades the tables. Safe to run at any time: what is there stays as it is, and a second run does
nothing. An existing Teelo database is adopted without touching a row.

Usage: teelo migrate [OPTIONS]

Options:
  --status    list every migration and when it was applied; change nothing
  --dry-run   list what would be applied; change nothing
  --json      with --status: print JSON
  --help      print this

Each migration is applied in one transaction: when one fails, nothing of it stays, and the next run goes on
there. Several runs at once wait for each other.

Examples:
  teelo migrate --dry-run
  teelo migrate
  teelo migrate --status
";

/// What a second run says.
const NOTHING_TO_DO: &str = "nothing to do: every migration is applied\n";

/// What the user asked for.
#[derive(Debug, Default)]
struct Args {
    status: bool,
    dry_run: bool,
    json: bool,
}

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let mut args = Args::default();
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("status") => args.status = true,
            Long("dry-run") => args.dry_run = true,
            Long("json") => args.json = true,
            Long("help") | Short('h') => return print(USAGE),
            _ => return Err(unexpected(argument, "teelo migrate")),
        }
    }
    if args.status && args.dry_run {
        return Err(Error::usage("--status and --dry-run exclude each other"));
    }
    if args.json && !args.status {
        return Err(Error::usage("--json goes with --status"));
    }
    stop::at_signals()?;
    let address = config::database_url()?;
    let mut client = db::connect(&address, "migrate")?;
    if args.status {
        return status(&migrations::ledger(&mut client)?, args.json);
    }
    if args.dry_run {
        let ledger = migrations::ledger(&mut client)?;
        let pending = migrations::pending(MIGRATIONS, &ledger)?;
        let lines: String =
            pending.iter().map(|migration| format!("would apply {}\n", migration.name)).collect();
        return print(if pending.is_empty() { NOTHING_TO_DO } else { &lines });
    }
    db::require_sessions_of_its_own(&mut client, &address)?;
    match migrations::apply(&mut client, OffsetDateTime::now_utc())?.len() {
        0 => print(NOTHING_TO_DO),
        1 => print("applied 1 migration\n"),
        count => print(&format!("applied {count} migrations\n")),
    }
}

/// Prints every migration, known or applied; then fails if the two contradict each other.
fn status(ledger: &[Applied], as_json: bool) -> Result<u8> {
    let known = MIGRATIONS.iter().map(|migration| {
        let applied = ledger.iter().find(|applied| applied.version == migration.version);
        (migration.version, migration.name, applied.map(|applied| applied.applied_at.as_str()))
    });
    let is_unknown =
        |applied: &&Applied| MIGRATIONS.iter().all(|migration| migration.version != applied.version);
    let unknown = ledger
        .iter()
        .filter(is_unknown)
        .map(|applied| (applied.version, applied.name.as_str(), Some(applied.applied_at.as_str())));
    let listed = known.chain(unknown);
    let text = if as_json {
        let migrations: Vec<_> = listed
            .map(|(version, name, applied_at)| json!({"version": version, "name": name, "applied_at": applied_at}))
            .collect();
        format!("{:#}\n", json!({"schema_version": 1, "migrations": migrations}))
    } else {
        listed.map(|(_, name, applied_at)| format!("{name:<40} {}\n", state(applied_at))).collect()
    };
    let code = print(&text)?;
    migrations::pending(MIGRATIONS, ledger)?;
    Ok(code)
}

fn state(applied_at: Option<&str>) -> String {
    applied_at.map_or("pending".to_owned(), |time| format!("applied {time}"))
}
