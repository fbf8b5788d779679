//! `teelo elo`.

use std::time::Duration;

use lexopt::prelude::*;
use time::OffsetDateTime;

use super::{
    check_not_stopped, parsed_value, path_value, print, stage_database_url, text_value, unexpected,
    usage_error,
};
use crate::config;
use crate::elo::stage::{self, Settings};
use crate::error::{EXIT_DONE, EXIT_PARTIAL, Error, Result};
use crate::pipeline::metrics::{StageFiles, StageReport, Status};
use crate::report::progress::thousands;
use crate::stop;

pub(super) const USAGE: &str = "\
Rates what is pending: new results, and everything that follows from late, corrected or removed ones. When it
ends, every rating is what a full replay of all matches would give, to the cent. A second run finds nothing to do.

Usage: teelo elo [OPTIONS]

Options:
  --batch-size N          matches in a transaction (1 to 100000; ELO_INCREMENTAL_BATCH_SIZE, default 1000)
  --max-matches N         stop after N matches, the rest stays pending (ELO_INCREMENTAL_MAX_MATCHES, default 0: all)
  --dry-run               write nothing, report what would be written
  --rebuild               rate every match again
  --no-resume             look through all matches for what lacks ratings, instead of what is noted as pending
  --resume                start from what is noted as pending (default)
  --checkpoint-key KEY    the checkpoint in pipeline_checkpoints (default elo_incremental)
  --lock-timeout-seconds N  wait so long for another run of this stage (default 30)
  --metrics-json PATH     write the run's numbers to PATH, as one JSON object
  --status-jsonl PATH     append events to PATH, one JSON object a line
  --quiet                 print nothing but what goes wrong
  --json                  print the run's numbers as JSON
  --help                  print this

Examples:
  teelo elo
  teelo elo --dry-run --json
  teelo elo --batch-size 10000 --metrics-json elo.json

Exit code 3: finished, but some finished matches are wrong (the winner did not play); they are listed.
";

/// What the user typed.
#[derive(Default)]
struct Args {
    batch_size: Option<u32>,
    max_matches: Option<u64>,
    dry_run: bool,
    rebuild: bool,
    no_resume: bool,
    checkpoint_key: Option<String>,
    lock_timeout_s: Option<u64>,
    files: StageFiles,
    quiet: bool,
    json: bool,
}

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let Some(args) = parse(parser)? else { return print(USAGE) };
    if args.quiet {
        super::logging::quiet();
    }
    let settings = settings(&args)?;
    stop::at_signals()?;
    let database_url = stage_database_url(settings.dry_run)?;
    let report = stage::run(&database_url, &settings, &args.files, OffsetDateTime::now_utc())?;
    if args.json {
        print(&format!("{:#}\n", report.metrics.to_json()))?;
    } else if !args.quiet || report.status != Status::Success {
        print(&summary(&report))?;
    }
    check_not_stopped(&report)?;
    match report.status {
        Status::Success => Ok(EXIT_DONE),
        Status::Partial => Ok(EXIT_PARTIAL),
        _ => Err(Error::failed(report.error_text.unwrap_or_default())),
    }
}

/// The settings of the stage when it runs in the pipeline: environment and defaults.
///
/// # Errors
/// A malformed variable.
pub(crate) fn pipeline_settings() -> Result<Settings> {
    settings(&Args::default())
}

fn parse(parser: &mut lexopt::Parser) -> Result<Option<Args>> {
    const WHOLE: &str = "a whole number, 0 or more";
    let mut args = Args::default();
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("batch-size") => args.batch_size = Some(parsed_value(parser, "--batch-size", BATCH_SIZE)?),
            Long("max-matches") => args.max_matches = Some(parsed_value(parser, "--max-matches", WHOLE)?),
            Long("dry-run") => args.dry_run = true,
            Long("rebuild") => args.rebuild = true,
            Long("no-resume") => args.no_resume = true,
            Long("resume") => args.no_resume = false,
            Long("checkpoint-key") => args.checkpoint_key = Some(text_value(parser, "--checkpoint-key")?),
            Long("lock-timeout-seconds") => {
                args.lock_timeout_s = Some(parsed_value(parser, "--lock-timeout-seconds", WHOLE)?);
            }
            Long("metrics-json") => args.files.metrics_json = Some(path_value(parser, "--metrics-json")?),
            Long("status-jsonl") => args.files.status_jsonl = Some(path_value(parser, "--status-jsonl")?),
            Long("quiet") => args.quiet = true,
            Long("json") => args.json = true,
            Long("help") | Short('h') => return Ok(None),
            _ => return Err(unexpected(argument, "teelo elo")),
        }
    }
    Ok(Some(args))
}

const BATCH_SIZE: &str = "a whole number from 1 to 100000";
/// A batch is in memory as a whole, several times over; beyond this, larger batches gain nothing.
const BATCH_SIZE_MAX: u32 = 100_000;
/// `pipeline_checkpoints.key` holds this many characters.
const CHECKPOINT_KEY_LENGTH_MAX: usize = 120;

fn settings(args: &Args) -> Result<Settings> {
    let batch_size = config::resolve(args.batch_size, "ELO_INCREMENTAL_BATCH_SIZE", 1000, BATCH_SIZE)?;
    if !(1..=BATCH_SIZE_MAX).contains(&batch_size) {
        return Err(Error::usage(format!("--batch-size: {batch_size} is not valid; expected {BATCH_SIZE}")));
    }
    let checkpoint_key = args.checkpoint_key.clone().unwrap_or_else(|| stage::STAGE.to_owned());
    if checkpoint_key.is_empty() || checkpoint_key.chars().count() > CHECKPOINT_KEY_LENGTH_MAX {
        return Err(Error::usage("--checkpoint-key: expected 1 to 120 characters"));
    }
    if args.rebuild && args.no_resume {
        return Err(Error::usage("--rebuild rates everything again anyway; give it without --no-resume"));
    }
    Ok(Settings {
        batch_size,
        max_matches: config::resolve(
            args.max_matches,
            "ELO_INCREMENTAL_MAX_MATCHES",
            0,
            "a whole number, 0 or more",
        )?,
        resume: !args.no_resume,
        rebuild: args.rebuild,
        dry_run: args.dry_run,
        checkpoint_key,
        lock_timeout: Duration::from_secs(args.lock_timeout_s.unwrap_or(30)),
    })
}

/// One line for a person.
fn summary(report: &StageReport) -> String {
    let number =
        |name: &str| report.metrics.details.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let (rated, rerated) = (number("matches_rated"), number("matches_rerated"));
    let dry_run = report.metrics.details.get("dry_run") == Some(&serde_json::Value::Bool(true));
    let mut text = String::new();
    if rated + rerated + number("matches_cleared") + number("states_written") + number("unplayed_written")
        == 0
    {
        text.push_str("elo: nothing to write");
    } else {
        let verb = if dry_run { "would rate" } else { "rated" };
        text.push_str(&format!(
            "elo: {verb} {} matches, {} of them again; {} player states; {} pre-match ratings",
            thousands(rated + rerated),
            thousands(rerated),
            thousands(number("states_written")),
            thousands(number("unplayed_written")),
        ));
    }
    let left_out = report.metrics.records_skipped + report.metrics.records_failed;
    if left_out > 0 {
        text.push_str(&format!("; {} finished matches cannot be rated (listed above)", thousands(left_out)));
    }
    format!("{text}, in {:.1} s\n", report.metrics.duration_s)
}
