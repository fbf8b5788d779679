//! `teelo players`.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;
use serde_json::Value as Json;
use time::OffsetDateTime;

use super::{parsed_value, path_value, print, text_value, unexpected, usage_error};
use crate::config::{self, variable};
use crate::error::{EXIT_DONE, EXIT_FAILED, EXIT_PARTIAL, Error, Result};
use crate::pipeline::metrics::{StageFiles, StageReport, Status};
use crate::pipeline::{run_id, words};
use crate::players::explain::{self, Explanation};
use crate::players::stage::{self, Settings};
use crate::players::store::Provider;
use crate::players::{command, fields};
use crate::report::progress::thousands;
use crate::stop;
use crate::{db, migrations};

pub(super) const USAGE: &str = "\
Fills in what is missing about players: nationality_ioc, birth_date, hand, height_cm, backhand, turned_pro_year. What is
there is never changed. First come players who are new since the last run, then the others, longest untried first. Whom
no source could complete is tried again after 1, 2, 4 days and so on, at most 90; at once when the files have changed.

Usage: teelo players [OPTIONS]
       teelo players --explain ID [--json]

Sources, tried in this order unless --providers says otherwise:
  files     player lists in the layout of Jeff Sackmann's archives: atp_players.csv, wta_players.csv, also as .csv.gz.
            A player is looked up by their id of the match archives, else by their name, if nobody else can be meant
  command   a program of yours. It reads one request a line from its standard input,
              {\"player_id\": 7, \"name\": \"Ana Ames\", \"atp_id\": null, \"wta_id\": \"3201\", \"itf_id\": null}
            and writes one answer a line to its standard output, before the next request comes:
              {\"player_id\": 7, \"nationality\": \"Spain\", \"birth_date\": \"2001-05-04\", \"hand\": \"Left\", \"height_cm\": 180,
               \"backhand\": \"Two-Handed\", \"turned_pro_year\": 2018}
            with what it knows (nationality: a name or a code), or {\"player_id\": 7, \"not_found\": true}. One that dies, is
            late or answers nonsense is started anew for the next player. It ends when its standard input does. A player
            without an id of a tour is asked about once

Options:
  --files PATH            a player list, or a folder of them; may be given several times (TEELO_PLAYER_FILES, with ':' between)
  --command COMMAND       the program, quoted as for a shell; no shell is run (TEELO_PLAYER_PROFILE_COMMAND)
  --providers LIST        the sources to use, in this order (TEELO_PLAYER_PROVIDERS, default: files,command, what is there)
  --rate-per-minute N     requests to the command a minute, at most (1 to 6000; TEELO_PLAYERS_RATE_PER_MINUTE, default 30)
  --answer-timeout-seconds N  how long an answer may take (TEELO_PLAYERS_ANSWER_TIMEOUT_SECONDS, default 30)
  --batch-size N          players in a transaction (1 to 10000; PLAYER_ENRICH_BATCH_SIZE, default 1000)
  --max-players N         stop after N players (PLAYER_ENRICH_MAX_PLAYERS, default 0: all who are due)
  --max-seconds N         stop after N seconds, the rest is done by the next run (TEELO_PLAYERS_MAX_SECONDS, default 300;
                          0: when all are done)
  --dry-run               ask the sources, write nothing, report what would be written
  --no-resume             everybody who misses something, also whose next try is later
  --resume                only who is due (default)
  --checkpoint-key KEY    the checkpoint in pipeline_checkpoints (default player_enrichment_incremental)
  --lock-timeout-seconds N  wait so long for another run of this stage (default 30)
  --metrics-json PATH     write the run's numbers to PATH, as one JSON object
  --status-jsonl PATH     append events to PATH, one JSON object a line; every value that was turned down is one
  --explain ID            print what is known of a player, where it came from, and when the sources are asked again
  --quiet                 print nothing but what goes wrong
  --json                  print JSON
  --help                  print this

The standard error of the command goes to player-command.log beside --metrics-json or --status-jsonl, else to
logs/players/player-command.log.

Examples:
  teelo players --files ~/tennis_atp --files ~/tennis_wta
  teelo players --command 'python3 profiles.py' --rate-per-minute 10 --max-players 50
  teelo players --explain 4021

Exit code 3: finished, but the command failed on some players. Exit code 1: it was given up.
";

/// What the user typed.
#[derive(Default)]
struct Args {
    files: Vec<PathBuf>,
    command: Option<String>,
    providers: Option<String>,
    rate_per_minute: Option<u32>,
    answer_timeout_s: Option<f64>,
    batch_size: Option<usize>,
    max_players: Option<u32>,
    max_s: Option<f64>,
    dry_run: bool,
    no_resume: bool,
    checkpoint_key: Option<String>,
    lock_timeout_s: Option<u64>,
    stage_files: StageFiles,
    explain: Option<i32>,
    quiet: bool,
    json: bool,
}

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let Some(args) = parse(parser)? else { return print(USAGE) };
    if args.quiet {
        super::logging::quiet();
    }
    if let Some(id) = args.explain {
        return explain_player(id, args.json);
    }
    let stderr_log = stderr_log(&args.stage_files);
    let Some(settings) = settings(&args, stderr_log)? else { return Err(Error::usage(NO_SOURCE)) };
    stop::at_signals()?;
    let database_url = super::stage_database_url(settings.dry_run)?;
    let now = OffsetDateTime::now_utc();
    let run_id = run_id::new(now)?;
    let report = stage::run(&database_url, &settings, &args.stage_files, &run_id, now)?;
    let stopped = super::check_not_stopped(&report);
    if let (Some(text), true) = (&report.error_text, stopped.is_ok()) {
        log::error!("{text}");
    }
    if args.json {
        print(&format!("{:#}\n", report.metrics.to_json()))?;
    } else if !args.quiet || report.status != Status::Success {
        print(&summary(&report))?;
    }
    stopped?;
    Ok(match report.status {
        Status::Success => EXIT_DONE,
        Status::Partial => EXIT_PARTIAL,
        _ => EXIT_FAILED,
    })
}

/// What to say when there is nobody to ask.
pub(crate) const NO_SOURCE: &str = "no source of facts about players. Set TEELO_PLAYER_FILES to player lists, or to folders of \
     them, or TEELO_PLAYER_PROFILE_COMMAND to a program (`teelo players --help` says more)";

/// The settings of the stage when it runs in the pipeline: environment and defaults. None when there is no source. The
/// pipeline knows where the command's standard error goes.
///
/// # Errors
/// A malformed variable.
pub(crate) fn pipeline_settings() -> Result<Option<Settings>> {
    settings(&Args::default(), PathBuf::new())
}

fn parse(parser: &mut lexopt::Parser) -> Result<Option<Args>> {
    let mut args = Args::default();
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("files") => args.files.push(path_value(parser, "--files")?),
            Long("command") => args.command = Some(text_value(parser, "--command")?),
            Long("providers") => args.providers = Some(text_value(parser, "--providers")?),
            Long("rate-per-minute") => {
                args.rate_per_minute = Some(parsed_value(parser, "--rate-per-minute", RATE)?);
            }
            Long("answer-timeout-seconds") => {
                args.answer_timeout_s = Some(parsed_value(parser, "--answer-timeout-seconds", TIMEOUT)?);
            }
            Long("batch-size") => args.batch_size = Some(parsed_value(parser, "--batch-size", BATCH_SIZE)?),
            Long("max-players") => args.max_players = Some(parsed_value(parser, "--max-players", WHOLE)?),
            Long("max-seconds") => args.max_s = Some(parsed_value(parser, "--max-seconds", SECONDS)?),
            Long("dry-run") => args.dry_run = true,
            Long("no-resume") => args.no_resume = true,
            Long("resume") => args.no_resume = false,
            Long("checkpoint-key") => args.checkpoint_key = Some(text_value(parser, "--checkpoint-key")?),
            Long("lock-timeout-seconds") => {
                args.lock_timeout_s = Some(parsed_value(parser, "--lock-timeout-seconds", WHOLE)?);
            }
            Long("metrics-json") => {
                args.stage_files.metrics_json = Some(path_value(parser, "--metrics-json")?)
            }
            Long("status-jsonl") => {
                args.stage_files.status_jsonl = Some(path_value(parser, "--status-jsonl")?)
            }
            Long("explain") => args.explain = Some(parsed_value(parser, "--explain", "a player's id")?),
            Long("quiet") => args.quiet = true,
            Long("json") => args.json = true,
            Long("help") | Short('h') => return Ok(None),
            _ => return Err(unexpected(argument, "teelo players")),
        }
    }
    Ok(Some(args))
}

const WHOLE: &str = "a whole number, 0 or more";
const SECONDS: &str = "a number of seconds, 0 or more";
const TIMEOUT: &str = "a number of seconds greater than 0";
const RATE: &str = "a whole number from 1 to 6000";
/// A hundred a second is more than any site of profiles bears.
const RATE_MAX: u32 = 6000;
const BATCH_SIZE: &str = "a whole number from 1 to 10000";
/// A batch is in memory as a whole; beyond this, larger batches gain nothing.
const BATCH_SIZE_MAX: usize = 10_000;
/// `pipeline_checkpoints.key` holds this many characters.
const CHECKPOINT_KEY_LENGTH_MAX: usize = 120;
pub(super) const COMMAND: &str = "TEELO_PLAYER_PROFILE_COMMAND";
const PROVIDERS: &str = "TEELO_PLAYER_PROVIDERS";

/// What the flags and the environment mean; None when there is no source.
fn settings(args: &Args, stderr_log: PathBuf) -> Result<Option<Settings>> {
    let files = files(args)?;
    let command = command_settings(args, stderr_log)?;
    let max_s = config::resolve(args.max_s, "TEELO_PLAYERS_MAX_SECONDS", 300.0, SECONDS)?;
    let max_duration = seconds("--max-seconds", max_s, SECONDS)?;
    let batch_size = config::resolve(args.batch_size, "PLAYER_ENRICH_BATCH_SIZE", 1000, BATCH_SIZE)?;
    if !(1..=BATCH_SIZE_MAX).contains(&batch_size) {
        return Err(Error::usage(format!("--batch-size: {batch_size} is not valid; expected {BATCH_SIZE}")));
    }
    let checkpoint_key = args.checkpoint_key.clone().unwrap_or_else(|| stage::STAGE.to_owned());
    if checkpoint_key.is_empty() || checkpoint_key.chars().count() > CHECKPOINT_KEY_LENGTH_MAX {
        return Err(Error::usage("--checkpoint-key: expected 1 to 120 characters"));
    }
    let max_players = config::resolve(args.max_players, "PLAYER_ENRICH_MAX_PLAYERS", 0, WHOLE)?;
    let providers = providers(args, !files.is_empty(), command.is_some())?;
    if providers.is_empty() {
        return Ok(None);
    }
    Ok(Some(Settings {
        command: command.filter(|_| providers.contains(&Provider::Command)),
        providers,
        files,
        batch_size,
        max_players,
        max_duration: (!max_duration.is_zero()).then_some(max_duration),
        resume: !args.no_resume,
        dry_run: args.dry_run,
        checkpoint_key,
        lock_timeout: Duration::from_secs(args.lock_timeout_s.unwrap_or(30)),
    }))
}

/// The player lists: the flags, else the variable.
fn files(args: &Args) -> Result<Vec<PathBuf>> {
    if !args.files.is_empty() {
        return Ok(args.files.clone());
    }
    let text = variable("TEELO_PLAYER_FILES")?.unwrap_or_default();
    Ok(text.split(':').map(str::trim).filter(|part| !part.is_empty()).map(PathBuf::from).collect())
}

/// The program, if there is one.
fn command_settings(args: &Args, stderr_log: PathBuf) -> Result<Option<command::Settings>> {
    let (name, text) = match &args.command {
        Some(text) => ("--command", Some(text.clone())),
        None => (COMMAND, variable(COMMAND)?),
    };
    let rate_per_minute = config::resolve(args.rate_per_minute, "TEELO_PLAYERS_RATE_PER_MINUTE", 30, RATE)?;
    if !(1..=RATE_MAX).contains(&rate_per_minute) {
        return Err(Error::usage(format!(
            "--rate-per-minute: {rate_per_minute} is not valid; expected {RATE}"
        )));
    }
    let timeout_name = "TEELO_PLAYERS_ANSWER_TIMEOUT_SECONDS";
    let timeout_s = config::resolve(args.answer_timeout_s, timeout_name, 30.0, TIMEOUT)?;
    let answer_timeout = seconds("--answer-timeout-seconds", timeout_s, TIMEOUT)?;
    if answer_timeout.is_zero() {
        return Err(Error::usage(format!("--answer-timeout-seconds: 0 is not valid; expected {TIMEOUT}")));
    }
    let Some(text) = text else { return Ok(None) };
    let command: Vec<OsString> = words::split(name, &text)?.into_iter().map(OsString::from).collect();
    if command.first().is_none_or(|program| program.is_empty()) {
        return Err(Error::usage(format!("{name}: the program's name is empty")));
    }
    Ok(Some(command::Settings {
        command,
        search_path: std::env::var_os("PATH"),
        rate_per_minute,
        answer_timeout,
        stderr_log,
    }))
}

fn seconds(name: &str, number: f64, expected: &str) -> Result<Duration> {
    Duration::try_from_secs_f64(number)
        .map_err(|_| Error::usage(format!("{name}: {number} is not valid; expected {expected}")))
}

/// The sources that are named, which must be there; else those that are there.
fn providers(args: &Args, has_files: bool, has_command: bool) -> Result<Vec<Provider>> {
    let is_there = |provider: &Provider| match provider {
        Provider::Files => has_files,
        Provider::Command => has_command,
    };
    let (name, list) = match &args.providers {
        Some(list) => ("--providers", Some(list.clone())),
        None => (PROVIDERS, variable(PROVIDERS)?),
    };
    let Some(list) = list else { return Ok(Provider::ALL.into_iter().filter(is_there).collect()) };
    let mut providers = Vec::new();
    for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let provider =
            Provider::ALL.into_iter().find(|provider| provider.name() == word).ok_or_else(|| {
                Error::usage(format!(
                    "{name}: {word:?} is no source; expected files and command, with a comma between"
                ))
            })?;
        if !is_there(&provider) {
            return Err(Error::usage(format!("{name} names {word}, but there is none; {NO_SOURCE}")));
        }
        if !providers.contains(&provider) {
            providers.push(provider);
        }
    }
    if providers.is_empty() {
        return Err(Error::usage(format!("{name}: the list is empty")));
    }
    Ok(providers)
}

/// Where the command's standard error goes.
fn stderr_log(files: &StageFiles) -> PathBuf {
    let beside = files.metrics_json.as_ref().or(files.status_jsonl.as_ref());
    match beside {
        Some(path) => path.with_file_name("player-command.log"),
        None => PathBuf::from("logs/players/player-command.log"),
    }
}

/// One line for a person.
fn summary(report: &StageReport) -> String {
    let metrics = &report.metrics;
    let is = |name: &str| metrics.details.get(name) == Some(&Json::Bool(true));
    if metrics.records_scanned == 0 {
        return "players: nothing to do: nobody who misses something is due\n".to_owned();
    }
    let filled = metrics.details.get("players_filled").and_then(Json::as_u64).unwrap_or(0);
    let mut text = format!(
        "players: {} tried, {} {}filled in",
        thousands(metrics.records_scanned),
        thousands(filled),
        if is("dry_run") { "would be " } else { "" },
    );
    if let Some(Json::Object(fields)) = metrics.details.get("fields_filled")
        && !fields.is_empty()
    {
        let fields: Vec<String> = fields
            .iter()
            .map(|(field, count)| format!("{} {field}", thousands(count.as_u64().unwrap_or(0))))
            .collect();
        _ = write!(text, " ({})", fields.join(", "));
    }
    _ = write!(text, "; {} without news", thousands(metrics.records_skipped));
    if metrics.records_failed > 0 {
        _ = write!(text, ", {} failed", thousands(metrics.records_failed));
    }
    if is("left_pending") {
        text.push_str("; others are due still");
    }
    format!("{text}, in {:.1} s\n", metrics.duration_s)
}

fn explain_player(id: i32, json: bool) -> Result<u8> {
    let mut client = db::connect(&config::database_url()?, "players")?;
    migrations::require_current(&mut client)?;
    let explanation = explain::explain(&mut client, id)?;
    if json {
        return print(&format!("{:#}\n", serde_json::to_value(&explanation)?));
    }
    print(&explained(&explanation))
}

fn explained(explanation: &Explanation) -> String {
    let mut text = format!("player {}: {}\n", explanation.player_id, explanation.name);
    for known in &explanation.fields {
        let value = known.value.as_deref().unwrap_or("-");
        let source = match (&known.given_by, &known.value) {
            (Some(given), _) => format!("{} at {}: {}", given.provider, given.given_at, given.origin),
            (None, Some(_)) => "not from teelo players".to_owned(),
            (None, None) => "missing".to_owned(),
        };
        _ = writeln!(text, "  {:<16}  {value:<12}  {source}", known.field);
    }
    for one in &explanation.tries {
        _ = writeln!(
            text,
            "{}: {} at {}: {}\n  tries in a row: {}; not again before {}",
            one.provider,
            one.outcome.replace('_', " "),
            one.tried_at,
            one.detail,
            one.tries,
            one.next_try_at
        );
        for rejected in one.rejected.as_array().into_iter().flatten() {
            let part = |name: &str| fields::shown(rejected[name].as_str().unwrap_or_default());
            _ = writeln!(text, "  turned down: {} {:?}: {}", part("field"), part("value"), part("reason"));
        }
    }
    if explanation.tries.is_empty() {
        text.push_str("no source was asked about them yet\n");
    }
    text
}
