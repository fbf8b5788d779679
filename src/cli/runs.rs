//! `teelo runs`.

use lexopt::prelude::*;
use time::OffsetDateTime;

use super::{parsed_value, print, unexpected, usage_error};
use crate::error::{Error, Result};
use crate::report::{runs, runs_text};
use crate::{config, db, migrations};

pub(super) const USAGE: &str = "\
Shows the runs of the pipeline, newest first, or one of them with all that it recorded: each stage's status, numbers and error, and
where its files are. Reads only, and takes no lock.

Usage: teelo runs [OPTIONS] [RUN_ID]

RUN_ID is a run's id, or as much of its beginning as no other run shares.

Options:
  --limit N   list at most N runs (20)
  --json      print JSON. List: schema_version, checked_at, runs. One run: schema_version, checked_at, artifacts, and run, whose stages
              have metrics. Times are UTC, ages and durations in seconds
  --help      print this

Statuses are those of `teelo status`. How long runs are kept: `teelo prune --help`.

Exit codes: 0 asked and answered, also when runs failed; 2 wrong usage, no such run, or tables that are not up to date; 69 no
database. HOURLY_PIPELINE_LOCK_KEY names the lock, as for `teelo run`.

Examples:
  teelo runs
  teelo runs --limit 100 | grep -v success
  teelo runs 20260102T030405Z
  teelo runs --json 20260102T030405Z | jq '.run.stages[] | {name, status, s: .metrics.duration_s}'
";

const LIMIT: &str = "a whole number, 1 or more";
/// A day of hourly runs, nearly, and one screen.
const LIMIT_DEFAULT: u32 = 20;

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let (mut wanted, mut limit, mut as_json) = (None, None, false);
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("limit") => {
                limit = Some(parsed_value::<std::num::NonZeroU32>(parser, "--limit", LIMIT)?.get());
            }
            Long("json") => as_json = true,
            Long("help") | Short('h') => return print(USAGE),
            Value(value) if wanted.is_none() => wanted = Some(value.to_string_lossy().into_owned()),
            _ => return Err(unexpected(argument, "teelo runs")),
        }
    }
    if wanted.is_some() && limit.is_some() {
        return Err(Error::usage("--limit is for the list of runs, not for one run"));
    }
    let lock_key = super::run::lock_key()?;
    let mut client = db::connect(&config::database_url()?, "runs")?;
    migrations::require_current(&mut client)?;
    let (now, is_styled) = (OffsetDateTime::now_utc(), super::is_styled()?);
    let text = match wanted {
        Some(wanted) => {
            let detail = runs::detail(&mut client, lock_key, &wanted, now)?;
            if as_json { json_text(&detail)? } else { runs_text::detail(&detail, is_styled) }
        }
        None => {
            let limit = i64::from(limit.unwrap_or(LIMIT_DEFAULT));
            let history = runs::history(&mut client, lock_key, limit, now)?;
            if as_json { json_text(&history)? } else { runs_text::list(&history.runs, is_styled) }
        }
    };
    print(&text)
}

fn json_text(value: &impl serde::Serialize) -> Result<String> {
    Ok(format!("{:#}\n", serde_json::to_value(value)?))
}
