//! `teelo run`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;
use time::OffsetDateTime;

use super::after_run::AfterRun;
use super::{parsed_value, path_value, print, text_value, unexpected, usage_error};
use crate::config::{self, parse, resolve, resolve_switch, variable};
use crate::error::{Context, Error, Result};
use crate::pipeline::artifacts::Root;
use crate::pipeline::run::{self, Options};
use crate::pipeline::selection::Selection;
use crate::pipeline::stages::Settings;
use crate::pipeline::{current_events, lock, run_id, words};
use crate::{report, stop};

pub(super) const USAGE: &str = "\
Runs the hourly pipeline once: brings results in, rates them, completes the players. Only one run at a time can hold the lock; what a
run did is in the tables pipeline_runs and pipeline_stage_runs, and in its artifact folder.

Usage: teelo run [OPTIONS]

Stages, in order:
  current_events_ingest   a program that brings results in: `teelo ingest`, or UPDATE_CURRENT_EVENTS_COMMAND
  elo_incremental         rates what is new or has changed: `teelo elo`
  player_enrichment_incremental
                          fills in what is missing about players: `teelo players`. Optional: skipped without a source,
                          and when it fails the run is partial

Options:
  --stages LIST               run only these (names with commas between them)
  --skip-stages LIST          do not run these
  --fail-fast                 stop when a required stage fails (the default)
  --continue-on-error         run the other stages all the same
  --max-runtime-minutes N     stop after so long, keeping what is committed (55; 0.5 is half a minute)
  --lock-timeout-seconds N    how long to wait while another run holds the lock (30)
  --metrics-json PATH         write the run's summary to PATH too
  --status-jsonl PATH         append the run's events to PATH too
  --textfile PATH             write numbers for Prometheus to PATH (node_exporter reads files named *.prom)
  --quiet                     print nothing but what goes wrong
  --json                      print the summary instead of lines for people
  --help                      print this

Environment (a flag wins over its variable):
  DATABASE_URL                          the database
  TEELO_LOCK_DATABASE_URL               the same database past a pooler: the server's own address (docs/CONFIGURATION.md)
  TEELO_FEED_DIRS                       feed folders of `teelo ingest`, with colons between them
  TEELO_ARTIFACTS_DIR                   run folders go to YYYY/MM/DD/RUN_ID below it; else to logs/pipeline/RUN_ID
  TEELO_TEXTFILE                        as --textfile
  TEELO_KEEP_DAYS                       at the end, remove what is older, as `teelo prune` does (unset: nothing)
  HOURLY_PIPELINE_ENABLED_STAGES        as --stages
  HOURLY_PIPELINE_FAIL_FAST             true or false
  HOURLY_PIPELINE_MAX_RUNTIME_MINUTES   as --max-runtime-minutes
  HOURLY_PIPELINE_LOCK_KEY              the lock's name, or its key as an integer (teelo_hourly_pipeline)
  UPDATE_CURRENT_EVENTS_COMMAND         another ingest program, quoted as for a shell; no shell is run
  UPDATE_CURRENT_EVENTS_WORKERS         its --workers (4)
  UPDATE_CURRENT_EVENTS_TOURS           its --tours
  UPDATE_CURRENT_EVENTS_CLEAR_QUEUE     true: its --clear-queue
  UPDATE_CURRENT_EVENTS_EXTRA_ARGS      more arguments for it, quoted as for a shell
  TEELO_PLAYER_FILES, TEELO_PLAYER_PROFILE_COMMAND
                                        sources of facts about players (`teelo players --help` has all settings)
  TEELO_PLAYERS_EVERY_HOURS             complete players every so many hours (1)
  TEELO_HOOK_START                      a command to call when a run begins, quoted as for a shell
  TEELO_HOOK_SUCCESS                    when it has ended as success or partial
  TEELO_HOOK_FAILURE                    when it has ended otherwise

The ingest program gets, after its own arguments, --workers N --quiet-worker-logs --status-jsonl PATH --metrics-json PATH, and in
its environment TEELO_RUN_ID and TEELO_STAGE. Exit code 0 is success, 3 with records_failed in its metrics a partial one, all
else a failure.

Stopping: at the deadline, at SIGTERM or SIGINT, and when the session that holds the lock is lost, the run ends within 5 seconds. The
server's queries are cancelled and rolled back, the ingest program gets SIGTERM and, 3 seconds later, SIGKILL, with all that it
started; rows and files say timed_out, interrupted or failed, also when the server does not answer and the stage is left behind. What
was committed stays, and the next run goes on from there. A second signal ends it at once. When the server restarts, the run waits for
it up to a minute, takes its lock again, and goes on; three times.

A hook gets the path of the run's summary.json as its last argument, and TEELO_RUN_ID and TEELO_STATUS in its environment. It may last
30 s; what it started is ended with it. Its output is in the run's folder (hook_start, hook_success, hook_failure). Whatever it does, the
run's outcome stays. A run that could not begin (exit codes 2, 69, 75) calls none.

Exit codes: 0 done, also when there was nothing to do; 1 a required stage failed; 2 wrong usage or configuration;
3 finished, but some records were rejected or an optional stage failed; 69 no database; 75 another run holds the
lock; 124 the deadline was reached; 143 SIGTERM was received, 130 SIGINT.

Examples:
  TEELO_FEED_DIRS=/srv/teelo/feed teelo run
  teelo run --stages elo_incremental
  teelo run --textfile /var/lib/prometheus/node-exporter/teelo.prom
  UPDATE_CURRENT_EVENTS_COMMAND='python3 -m scripts.update_current_events' teelo run --max-runtime-minutes 50
  TEELO_HOOK_FAILURE='curl -fsS -m 20 https://alerts.example.com/teelo -T' teelo run
";

/// The lock's name, which the legacy orchestrator takes too (DATABASE.md).
const LOCK_NAME: &str = "teelo_hourly_pipeline";
/// Where runs leave their files when TEELO_ARTIFACTS_DIR is not set.
const ARTIFACTS_DEFAULT: &str = "logs/pipeline";
/// An hourly run ends before the next one begins.
const MAX_RUNTIME_MINUTES: f64 = 55.0;
/// Long enough for the tail of a previous run, short enough for the timer.
const LOCK_TIMEOUT_S: f64 = 30.0;
/// Ingest threads: enough to hide round trips, few enough for a small server.
const WORKERS: u32 = 4;

/// What the user typed.
#[derive(Debug, Default)]
struct Arguments {
    stages: Option<String>,
    skip_stages: Option<String>,
    fail_fast: Option<bool>,
    max_runtime_minutes: Option<f64>,
    lock_timeout_s: Option<f64>,
    metrics_json: Option<PathBuf>,
    status_jsonl: Option<PathBuf>,
    textfile: Option<PathBuf>,
    quiet: bool,
    json: bool,
}

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let Some(arguments) = parse_arguments(parser)? else { return print(USAGE) };
    let (json, quiet) = (arguments.json, arguments.quiet);
    if quiet {
        super::logging::quiet();
    }
    stop::at_signals()?;
    stop::after(max_runtime(arguments.max_runtime_minutes)?)?;
    let after_run = AfterRun::resolve(arguments.textfile.clone())?;
    let options = resolve_options(arguments)?;
    let settings = resolve_settings(&options.selection)?;
    super::require_one_database(&options.database_url)?;
    let lease = run::open(&options)?;
    let now = OffsetDateTime::now_utc();
    let mut output = Ok(0);
    let summary = run::run(lease, &options, &settings, &run_id::new(now)?, now, &mut |record| {
        if !json && !quiet && output.is_ok() {
            output = print(&report::run::stage_line(record));
        }
    })?;
    after_run.perform(&options, &summary);
    output?;
    if json {
        print(&format!("{:#}\n", summary.to_json()))?;
    } else if !quiet {
        print(&report::run::last_lines(&summary))?;
    }
    Ok(summary.exit_code())
}

/// Reads the command line; None when help was asked for.
fn parse_arguments(parser: &mut lexopt::Parser) -> Result<Option<Arguments>> {
    let mut arguments = Arguments::default();
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Long("stages") => arguments.stages = Some(text_value(parser, "--stages")?),
            Long("skip-stages") => arguments.skip_stages = Some(text_value(parser, "--skip-stages")?),
            Long("fail-fast") => arguments.fail_fast = Some(true),
            Long("continue-on-error") => arguments.fail_fast = Some(false),
            Long("max-runtime-minutes") => {
                arguments.max_runtime_minutes = Some(parsed_value(parser, "--max-runtime-minutes", MINUTES)?);
            }
            Long("lock-timeout-seconds") => {
                arguments.lock_timeout_s = Some(parsed_value(parser, "--lock-timeout-seconds", SECONDS)?);
            }
            Long("metrics-json") => arguments.metrics_json = Some(path_value(parser, "--metrics-json")?),
            Long("status-jsonl") => arguments.status_jsonl = Some(path_value(parser, "--status-jsonl")?),
            Long("textfile") => arguments.textfile = Some(path_value(parser, "--textfile")?),
            Long("quiet") => arguments.quiet = true,
            Long("json") => arguments.json = true,
            _ => return Err(unexpected(argument, "teelo run")),
        }
    }
    Ok(Some(arguments))
}

const MINUTES: &str = "a number of minutes greater than 0";
const SECONDS: &str = "a number of seconds, 0 or more";

/// What the flags and the environment mean.
fn resolve_options(arguments: Arguments) -> Result<Options> {
    let enabled = variable(ENABLED_STAGES)?;
    let only = match (&arguments.stages, &enabled) {
        (Some(list), _) => Some(("--stages", list.as_str())),
        (None, Some(list)) => Some((ENABLED_STAGES, list.as_str())),
        (None, None) => None,
    };
    let lock_timeout_s = arguments.lock_timeout_s.unwrap_or(LOCK_TIMEOUT_S);
    Ok(Options {
        selection: Selection::new(only, arguments.skip_stages.as_deref())?,
        fail_fast: resolve_switch(arguments.fail_fast, "HOURLY_PIPELINE_FAIL_FAST", true)?,
        lock_key: lock_key()?,
        lock_timeout: duration("--lock-timeout-seconds", lock_timeout_s, 1.0, SECONDS)?,
        artifacts: artifacts_root()?,
        hooks: super::hooks::resolve()?,
        metrics_json: arguments.metrics_json,
        status_jsonl: arguments.status_jsonl,
        database_url: config::database_url()?,
    })
}

/// Where runs leave their files.
pub(super) fn artifacts_root() -> Result<Root> {
    let artifacts = match variable("TEELO_ARTIFACTS_DIR")? {
        Some(folder) => Root::Dated(folder.into()),
        None => Root::Flat(ARTIFACTS_DEFAULT.into()),
    };
    artifacts.check()?;
    Ok(artifacts)
}

/// The key of the lock that a run holds.
pub(super) fn lock_key() -> Result<i64> {
    let name = variable(LOCK_KEY)?.unwrap_or_else(|| LOCK_NAME.to_owned());
    lock::key_of_setting(LOCK_KEY, &name)
}

/// How long the run may last, by the flag's `minutes` or its variable.
fn max_runtime(minutes: Option<f64>) -> Result<Duration> {
    const VARIABLE: &str = "HOURLY_PIPELINE_MAX_RUNTIME_MINUTES";
    let name = if minutes.is_some() { "--max-runtime-minutes" } else { VARIABLE };
    let minutes = resolve(minutes, VARIABLE, MAX_RUNTIME_MINUTES, MINUTES)?;
    let max_runtime = duration(name, minutes, 60.0, MINUTES)?;
    if max_runtime.is_zero() {
        return Err(Error::usage(format!("{name}: {minutes} is not valid; expected {MINUTES}")));
    }
    Ok(max_runtime)
}

const ENABLED_STAGES: &str = "HOURLY_PIPELINE_ENABLED_STAGES";
const COMMAND: &str = "UPDATE_CURRENT_EVENTS_COMMAND";
const LOCK_KEY: &str = "HOURLY_PIPELINE_LOCK_KEY";

/// `number` times `unit_s` seconds.
fn duration(name: &str, number: f64, unit_s: f64, expected: &str) -> Result<Duration> {
    Duration::try_from_secs_f64(number * unit_s)
        .map_err(|_| Error::usage(format!("{name}: {number} is not valid; expected {expected}")))
}

/// What the stages are to do. Everything is checked, also what belongs to a stage that is not selected; but only the
/// ingest itself needs a source of results.
fn resolve_settings(selection: &Selection) -> Result<Settings> {
    let current_events = current_events_settings()?;
    if selection.includes("current_events_ingest") && variable(COMMAND)?.is_none() {
        check_own_ingest(&current_events)?;
    }
    Ok(Settings {
        current_events,
        elo: super::elo::pipeline_settings()?,
        players: super::players::pipeline_settings()?,
        players_every_hours: players_every_hours()?,
    })
}

/// Checks that `teelo run` without flags would take the environment's settings.
///
/// # Errors
/// Usage: what is wrong first.
pub(super) fn check_settings() -> Result<()> {
    AfterRun::resolve(None)?;
    let options = resolve_options(Arguments::default())?;
    resolve_settings(&options.selection).map(|_| ())
}

/// The programs that a run starts, and the variable that names each.
///
/// # Errors
/// Usage: one cannot be split into words, or names no program.
pub(super) fn programs() -> Result<Vec<(&'static str, Vec<OsString>)>> {
    let mut programs = Vec::new();
    for name in [COMMAND, super::players::COMMAND].into_iter().chain(super::hooks::NAMES) {
        if let Some(command) = command_variable(name)? {
            programs.push((name, command));
        }
    }
    Ok(programs)
}

/// Checks that our own ingest has something to read, and that it takes its arguments.
fn check_own_ingest(settings: &current_events::Settings) -> Result<()> {
    if variable("TEELO_FEED_DIRS")?.is_none() && !settings.extra_arguments.iter().any(is_feed_flag) {
        return Err(Error::usage(
            "the stage current_events_ingest has no source of results. Set TEELO_FEED_DIRS to the folder that holds \
             them (`teelo ingest --help` says what may be in it), or UPDATE_CURRENT_EVENTS_COMMAND to a program that \
             brings them in; or only rate what is in the database: `teelo run --stages elo_incremental`",
        ));
    }
    let arguments = current_events::arguments(settings, "status.jsonl".as_ref(), "metrics.json".as_ref());
    super::ingest::check(arguments).context(
        || "teelo ingest would refuse its arguments (UPDATE_CURRENT_EVENTS_WORKERS, _TOURS, _EXTRA_ARGS)",
    )
}

/// `--feed DIR` or `--feed=DIR`.
fn is_feed_flag(argument: &OsString) -> bool {
    argument == "--feed" || argument.to_string_lossy().starts_with("--feed=")
}

/// How the ingest program is called.
fn current_events_settings() -> Result<current_events::Settings> {
    let command = match command_variable(COMMAND)? {
        Some(command) => command,
        None => vec![std::env::current_exe()?.into(), "ingest".into()],
    };
    Ok(current_events::Settings {
        command,
        search_path: std::env::var_os("PATH"),
        workers: workers()?,
        tours: variable("UPDATE_CURRENT_EVENTS_TOURS")?.map(|list| list.trim().to_owned()),
        clear_queue: resolve_switch(None, "UPDATE_CURRENT_EVENTS_CLEAR_QUEUE", false)?,
        extra_arguments: words_variable("UPDATE_CURRENT_EVENTS_EXTRA_ARGS")?.unwrap_or_default(),
    })
}

/// How many hours lie between two runs of the players stage.
fn players_every_hours() -> Result<u32> {
    let (name, expected) = ("TEELO_PLAYERS_EVERY_HOURS", "a whole number of hours, 1 or more");
    let Some(text) = variable(name)? else { return Ok(1) };
    parse::<std::num::NonZeroU32>(name, &text, expected).map(std::num::NonZeroU32::get)
}

/// The command in the variable `name`; None when it is not set.
///
/// # Errors
/// Usage: it cannot be split into words, or names no program.
pub(super) fn command_variable(name: &str) -> Result<Option<Vec<OsString>>> {
    match words_variable(name)? {
        Some(command) if command.first().is_none_or(|program| program.is_empty()) => {
            Err(Error::usage(format!("{name}: the program's name is empty")))
        }
        command => Ok(command),
    }
}

/// The words in the variable `name`; None when it is not set.
fn words_variable(name: &str) -> Result<Option<Vec<OsString>>> {
    let Some(text) = variable(name)? else { return Ok(None) };
    Ok(Some(words::split(name, &text)?.into_iter().map(OsString::from).collect()))
}

/// How many threads the ingest program is to use.
fn workers() -> Result<u32> {
    let (name, expected) = ("UPDATE_CURRENT_EVENTS_WORKERS", "a whole number, 1 or more");
    let Some(text) = variable(name)? else { return Ok(WORKERS) };
    parse::<std::num::NonZeroU32>(name, &text, expected).map(std::num::NonZeroU32::get)
}
