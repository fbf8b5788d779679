//! `teelo prune`.

use lexopt::prelude::*;
use time::OffsetDateTime;

use super::{parsed_value, print, unexpected, usage_error};
use crate::error::{EXIT_DONE, EXIT_FAILED, Error, Result};
use crate::pipeline::prune::{self, KEEP_DAYS_MAX, Pruned};
use crate::report::progress::thousands;
use crate::{config, db, migrations};

pub(super) const USAGE: &str = "\
Removes what runs left behind and nobody will ask for any more: the folders of runs, and the rows of runs and stages, that are older
than so many days; tasks of feed files that are done; and what `teelo` noted in update_log. Results, players, ratings, decisions
about names, failed files and what is known of ingested files stay, and so does all of a run that is on.

Usage: teelo prune --keep-days N [OPTIONS]

Options:
  --keep-days N   keep what ended in the last N days (1 to 36500; TEELO_KEEP_DAYS)
  --dry-run       remove nothing, list what would be removed
  --json          print JSON: schema_version, older_than, dry_run, folders, runs, stage_runs, log_entries, tasks, failures
  --help          print this

`teelo run` does the same at its end when TEELO_KEEP_DAYS is set; what goes wrong there is only a warning. Folders are looked for
in TEELO_ARTIFACTS_DIR (else logs/pipeline), as YYYY/MM/DD/RUN_ID and as RUN_ID; whatever else is there is left alone.

Exit codes: 0 done, also when there was nothing to remove; 1 something could not be removed; 2 wrong usage; 69 no database.

Examples:
  teelo prune --keep-days 90 --dry-run
  teelo prune --keep-days 90
  TEELO_KEEP_DAYS=90 teelo run
";

const KEEP_DAYS: &str = "a whole number of days from 1 to 36500";

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let (mut keep_days, mut dry_run, mut as_json) = (None, false, false);
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("keep-days") => {
                let days = parsed_value(parser, "--keep-days", KEEP_DAYS)?;
                keep_days = Some(checked("--keep-days", days)?);
            }
            Long("dry-run") => dry_run = true,
            Long("json") => as_json = true,
            Long("help") | Short('h') => return print(USAGE),
            _ => return Err(unexpected(argument, "teelo prune")),
        }
    }
    let Some(keep_days) = keep_days.map_or_else(keep_days_variable, |days| Ok(Some(days)))? else {
        return Err(Error::usage(
            "how much is to be kept? Give --keep-days N, or set TEELO_KEEP_DAYS; `teelo prune --help` says more",
        ));
    };
    let artifacts = super::run::artifacts_root()?;
    let mut client = db::connect(&config::database_url()?, "prune")?;
    migrations::require_current(&mut client)?;
    let pruned = prune::run(&mut client, &artifacts, keep_days, OffsetDateTime::now_utc(), dry_run)?;
    print(&if as_json { format!("{:#}\n", serde_json::to_value(&pruned)?) } else { text(&pruned) })?;
    for failure in &pruned.failures {
        log::error!("not removed: {failure}");
    }
    Ok(if pruned.failures.is_empty() { EXIT_DONE } else { EXIT_FAILED })
}

/// TEELO_KEEP_DAYS.
///
/// # Errors
/// Usage: it is no number of days.
pub(super) fn keep_days_variable() -> Result<Option<u32>> {
    const NAME: &str = "TEELO_KEEP_DAYS";
    let Some(text) = config::variable(NAME)? else { return Ok(None) };
    checked(NAME, config::parse(NAME, &text, KEEP_DAYS)?).map(Some)
}

fn checked(name: &str, days: u32) -> Result<u32> {
    if (1..=KEEP_DAYS_MAX).contains(&days) {
        return Ok(days);
    }
    Err(Error::usage(format!("{name}: {days} is not valid; expected {KEEP_DAYS}")))
}

fn text(pruned: &Pruned) -> String {
    if pruned.is_nothing() {
        return format!("prune: nothing is older than {}\n", pruned.older_than);
    }
    let mut text = String::new();
    if pruned.dry_run {
        text.extend(pruned.folders.iter().map(|folder| format!("would remove {}\n", folder.display())));
    }
    let verb = if pruned.dry_run { "would remove" } else { "removed" };
    text.push_str(&format!(
        "prune: {verb} what is older than {}: {} run folders, {} runs with {} stages, {} finished tasks, {} log entries\n",
        pruned.older_than,
        thousands(pruned.folders.len() as u64),
        thousands(pruned.runs),
        thousands(pruned.stage_runs),
        thousands(pruned.tasks),
        thousands(pruned.log_entries)
    ));
    text
}
