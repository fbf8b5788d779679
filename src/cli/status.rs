//! `teelo status`.

use lexopt::prelude::*;
use time::OffsetDateTime;

use super::{parsed_value, print, unexpected, usage_error};
use crate::error::{EXIT_DONE, EXIT_FAILED, Error, Result};
use crate::report::{status, status_text};
use crate::{config, db, migrations};

pub(super) const USAGE: &str = "\
Shows how the pipeline stands: the last runs with their stages, who holds its lock, what waits to be rated, the queue of feed
files with those that failed, names that wait for a decision, and how long ago the database was brought up to date. Reads
only and takes no lock, so it can be asked at any time, also while a run is on.

Usage: teelo status [OPTIONS]

Options:
  --max-age-minutes N   exit 1 when the last successful run ended longer than N minutes ago, or never (90; 0.5 is
                        half a minute). Without it nothing is too old
  --json                print JSON: schema_version, checked_at, freshness, lock_holder, runs, pending, queue,
                        reviews_waiting; times are UTC, ages and durations in seconds
  --help                print this

Statuses of runs: success; partial (some records or an optional stage failed; counts as successful); failed; timed_out;
interrupted; running; died (it recorded no end, and does not hold the lock: the next run marks it as abandoned); abandoned.
Failed files: retry is tried again by itself; failed has used up its attempts, and is tried again when the file changes.

Exit codes: 0 asked and answered, also when runs failed; 1 too old, with --max-age-minutes; 2 wrong usage or tables that are not
up to date; 69 no database. HOURLY_PIPELINE_LOCK_KEY names the lock, as for `teelo run`.

Examples:
  teelo status
  teelo status --max-age-minutes 150 || echo 'two hourly runs were missed'
  teelo status --json | jq -r '.queue.failures[] | [.file, .error] | @tsv'
  watch -n 5 teelo status
";

const MINUTES: &str = "a number of minutes, 0 or more";

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let (mut max_age_minutes, mut as_json) = (None, false);
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("max-age-minutes") => max_age_minutes = Some(minutes(parser)?),
            Long("json") => as_json = true,
            Long("help") | Short('h') => return print(USAGE),
            _ => return Err(unexpected(argument, "teelo status")),
        }
    }
    let lock_key = super::run::lock_key()?;
    let mut client = db::connect(&config::database_url()?, "status")?;
    migrations::require_current(&mut client)?;
    let report = status::load(&mut client, lock_key, max_age_minutes, OffsetDateTime::now_utc())?;
    if as_json {
        print(&format!("{:#}\n", serde_json::to_value(&report)?))?;
    } else {
        print(&status_text::text(&report, super::is_styled()?))?;
    }
    Ok(if report.freshness.is_fresh == Some(false) { EXIT_FAILED } else { EXIT_DONE })
}

/// The value of --max-age-minutes.
fn minutes(parser: &mut lexopt::Parser) -> Result<f64> {
    let minutes: f64 = parsed_value(parser, "--max-age-minutes", MINUTES)?;
    if minutes.is_finite() && minutes >= 0.0 {
        return Ok(minutes);
    }
    Err(Error::usage(format!("--max-age-minutes: {minutes} is not valid; expected {MINUTES}")))
}
