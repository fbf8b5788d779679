//! `teelo ingest`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lexopt::prelude::*;
use serde_json::Value;
use time::{Date, OffsetDateTime};

use super::{
    check, check_not_stopped, parsed_value, path_value, print, stage_database_url, text_value, unexpected,
    usage_error,
};
use crate::config;
use crate::error::{EXIT_DONE, EXIT_FAILED, EXIT_PARTIAL, Error, Result};
use crate::ingest::archive::Bounds;
use crate::ingest::levels::TOURS;
use crate::ingest::stage::{self, Extent, Settings};
use crate::ingest::temporal;
use crate::pipeline::metrics::{StageFiles, StageReport, Status};
use crate::report::progress::thousands;
use crate::stop;

pub(super) const USAGE: &str = "\
Brings players, tournaments, draws, orders of play and results in from feed folders. A feed folder holds feed documents, which
a scraper writes (docs/FEEDS.md is the guide), and match archives in Jeff Sackmann's layout, told apart by their names; other
files in it are ignored:

  feed document                      what it brings
  *.draw.jsonl                       matches to come; byes and winners go on to the next round
  *.schedule.jsonl                   day, time and court of matches
  *.results.jsonl                    results

  match archive                      tour
  atp_matches_YYYY.csv               ATP
  atp_matches_qual_chall_YYYY.csv    CHALLENGER (and the qualifying of ATP events)
  atp_matches_futures_YYYY.csv       ITF_MEN
  wta_matches_YYYY.csv               WTA
  wta_matches_qual_itf_YYYY.csv      ITF_WOMEN (and the qualifying of WTA events)

A file that has not changed since it was ingested is not read again. A changed file brings what is new and corrects what
differs; what is gone from it stays in the database. A record that cannot be used is listed with its reason in
rejects.jsonl and stops nothing. One of a player of whom nobody can tell who it is waits in `teelo identities`; its file is
read again when that is decided. Ratings are not computed here: run `teelo elo` afterwards.

Usage: teelo ingest [OPTIONS]
       teelo ingest --check [--json] FILE...

Options:
  --feed DIR            a feed folder; may be given several times (TEELO_FEED_DIRS, separated by ':')
  --workers N           files ingested at the same time, each on a connection of its own (1 to 64, default 2)
  --tours LIST          only files of these tours: ATP,WTA,CHALLENGER,WTA_125,ITF_MEN,ITF_WOMEN
                        (of a feed document: files with a record of these)
  --from DATE           only events that start on YYYY-MM-DD or later
  --until DATE          only events that start on YYYY-MM-DD or earlier
  --clear-queue         first drop the tasks that wait in scrape_queue (this program's own only)
  --discover-only       queue what is new or changed, and stop
  --process-only        work off what is queued, without a look at the folders
  --rejects-jsonl PATH  list rejected records here (default: rejects.jsonl beside --metrics-json or --status-jsonl, else
                        logs/ingest/rejects.jsonl)
  --metrics-json PATH   write the run's numbers to PATH, as one JSON object
  --status-jsonl PATH   append events to PATH, one JSON object a line
  --quiet-worker-logs   no log line for every file
  --check FILE...       read these feed files, print every problem with file, line and field, and stop: needs no database,
                        writes nothing; with --json one JSON object a problem, then one with the numbers
  --quiet               print nothing but what goes wrong
  --json                print the run's numbers as JSON
  --help                print this

Examples:
  teelo ingest --feed /srv/feeds
  teelo ingest --feed ~/tennis_atp --feed ~/tennis_wta
  teelo ingest --feed ~/tennis_atp --tours ATP,CHALLENGER --from 1990-01-01
  TEELO_FEED_DIRS=/srv/feeds teelo ingest --json
  teelo ingest --check feeds/*.jsonl

Environment: ENABLE_LIVE_ELO_INGEST=true computes ratings match by match here, as the Python scripts do, to compare the two ways
during the change-over; `teelo elo` afterwards makes them exact either way.

Exit code 1: a file failed (it is tried again after 5, 10 and 20 minutes); the others are done. Exit code 3: all files are
done, and some records were rejected. With --check: 1 when a file cannot be read or is nothing of its kind, 3 when records
would be rejected.
";

/// What the user typed.
#[derive(Default, PartialEq)]
struct Args {
    feeds: Vec<PathBuf>,
    workers: Option<usize>,
    tours: Option<String>,
    bounds: Bounds,
    clear_queue: bool,
    discover_only: bool,
    process_only: bool,
    quiet_worker_logs: bool,
    rejects_jsonl: Option<PathBuf>,
    files: StageFiles,
    check: bool,
    /// The files to check.
    checked: Vec<PathBuf>,
    quiet: bool,
    json: bool,
}

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let Some(args) = parse(parser)? else { return print(USAGE) };
    if args.quiet {
        super::logging::quiet();
    }
    if args.check {
        return check_files(args);
    }
    let settings = settings(&args)?;
    stop::at_signals()?;
    let database_url = stage_database_url(false)?;
    let report = stage::run(&database_url, &settings, &args.files, OffsetDateTime::now_utc())?;
    if args.json {
        print(&format!("{:#}\n", report.metrics.to_json()))?;
    } else if !args.quiet || report.status != Status::Success {
        print(&summary(&report, &settings.rejects_jsonl))?;
    }
    check_not_stopped(&report)?;
    Ok(match report.status {
        Status::Success => EXIT_DONE,
        Status::Partial => EXIT_PARTIAL,
        _ => EXIT_FAILED,
    })
}

/// Checks files, without a database.
fn check_files(args: Args) -> Result<u8> {
    let Args { checked, json, .. } = &args;
    if checked.is_empty() {
        return Err(Error::usage("--check needs the names of the files to check"));
    }
    let (checked, json) = (checked.clone(), *json);
    let alone = Args { check: true, checked: checked.clone(), json, ..Args::default() };
    if args != alone {
        return Err(Error::usage(
            "--check reads files and stops: of the other options only --json goes with it",
        ));
    }
    check::run(&checked, json)
}

/// Checks the arguments that the pipeline will give to the command.
///
/// # Errors
/// Usage: the command would not take them.
pub(crate) fn check(arguments: Vec<OsString>) -> Result<()> {
    match parse(&mut lexopt::Parser::from_args(arguments))? {
        Some(args) if args.check => Err(Error::usage("--check only reads files")),
        Some(args) => settings(&args).map(|_| ()),
        None => Err(Error::usage("--help only prints the help")),
    }
}

const WORKERS: &str = "a whole number from 1 to 64";
/// More workers than this only wait for each other.
const WORKERS_MAX: usize = 64;
const DATE: &str = "a date, YYYY-MM-DD";

fn parse(parser: &mut lexopt::Parser) -> Result<Option<Args>> {
    let mut args = Args::default();
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("feed") => args.feeds.push(path_value(parser, "--feed")?),
            Long("workers") => args.workers = Some(parsed_value(parser, "--workers", WORKERS)?),
            Long("tours") => args.tours = Some(text_value(parser, "--tours")?),
            Long("from") => args.bounds.from = Some(date_value(parser, "--from")?),
            Long("until") => args.bounds.until = Some(date_value(parser, "--until")?),
            Long("clear-queue") => args.clear_queue = true,
            Long("discover-only") => args.discover_only = true,
            Long("process-only") => args.process_only = true,
            Long("quiet-worker-logs") => args.quiet_worker_logs = true,
            Long("rejects-jsonl") => args.rejects_jsonl = Some(path_value(parser, "--rejects-jsonl")?),
            Long("metrics-json") => args.files.metrics_json = Some(path_value(parser, "--metrics-json")?),
            Long("status-jsonl") => args.files.status_jsonl = Some(path_value(parser, "--status-jsonl")?),
            Long("check") => args.check = true,
            Long("quiet") => args.quiet = true,
            Long("json") => args.json = true,
            Value(path) => args.checked.push(path.into()),
            Long("help") | Short('h') => return Ok(None),
            _ => return Err(unexpected(argument, "teelo ingest")),
        }
    }
    match args.checked.first() {
        Some(path) if !args.check => Err(unexpected(Value(path.clone().into()), "teelo ingest")),
        _ => Ok(Some(args)),
    }
}

fn date_value(parser: &mut lexopt::Parser, name: &str) -> Result<Date> {
    let text = text_value(parser, name)?;
    temporal::parse_date(text.trim())
        .ok_or_else(|| Error::usage(format!("{name}: {text:?} is not valid; expected {DATE}")))
}

fn settings(args: &Args) -> Result<Settings> {
    let workers = args.workers.unwrap_or(2);
    if !(1..=WORKERS_MAX).contains(&workers) {
        return Err(Error::usage(format!("--workers: {workers} is not valid; expected {WORKERS}")));
    }
    if let Bounds { from: Some(from), until: Some(until) } = args.bounds
        && from > until
    {
        return Err(Error::usage(format!(
            "--from {from} is after --until {until}: nothing lies between them"
        )));
    }
    let beside = |path: &PathBuf| path.with_file_name("rejects.jsonl");
    Ok(Settings {
        feeds: feeds(args)?,
        workers,
        tours: args.tours.as_deref().map_or(Ok(TOURS.to_vec()), tours)?,
        bounds: args.bounds,
        clear_queue: args.clear_queue,
        extent: extent(args)?,
        live_elo: config::resolve_switch(None, "ENABLE_LIVE_ELO_INGEST", false)?,
        quiet_worker_logs: args.quiet_worker_logs,
        rejects_jsonl: args
            .rejects_jsonl
            .clone()
            .or_else(|| args.files.metrics_json.as_ref().map(beside))
            .or_else(|| args.files.status_jsonl.as_ref().map(beside))
            .unwrap_or_else(|| PathBuf::from("logs/ingest/rejects.jsonl")),
    })
}

fn extent(args: &Args) -> Result<Extent> {
    match (args.discover_only, args.process_only) {
        (true, true) => Err(Error::usage("--discover-only and --process-only together leave nothing to do")),
        (true, false) => Ok(Extent::DiscoverOnly),
        (false, true) if args.clear_queue => {
            Err(Error::usage("--clear-queue drops what --process-only would work off"))
        }
        (false, true) => Ok(Extent::ProcessOnly),
        (false, false) => Ok(Extent::Everything),
    }
}

/// The feed folders: the flags, else the variable.
fn feeds(args: &Args) -> Result<Vec<PathBuf>> {
    let mut feeds = args.feeds.clone();
    if feeds.is_empty()
        && let Some(text) = config::variable("TEELO_FEED_DIRS")?
    {
        feeds = folders(&text);
    }
    if feeds.is_empty() {
        return Err(Error::usage(
            "no feed folder: give one with --feed DIR, or set TEELO_FEED_DIRS to folders separated by ':'",
        ));
    }
    Ok(feeds)
}

/// The folders of a list with colons between them.
pub(super) fn folders(text: &str) -> Vec<PathBuf> {
    text.split(':').map(str::trim).filter(|part| !part.is_empty()).map(PathBuf::from).collect()
}

/// The tours of a comma-separated list.
fn tours(list: &str) -> Result<Vec<&'static str>> {
    let find = |name: &str| {
        TOURS.into_iter().find(|tour| tour.eq_ignore_ascii_case(name)).ok_or_else(|| {
            Error::usage(format!(
                "--tours: {name:?} is no tour; expected {}, separated by commas",
                TOURS.join(", ")
            ))
        })
    };
    list.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(find)
        .collect::<Result<Vec<_>>>()
        .and_then(
            |tours| {
                if tours.is_empty() { Err(Error::usage("--tours: the list is empty")) } else { Ok(tours) }
            },
        )
}

/// What happened, for a person.
fn summary(report: &StageReport, rejects_jsonl: &Path) -> String {
    let metrics = &report.metrics;
    let number = |name: &str| metrics.details.get(name).and_then(Value::as_u64).unwrap_or(0);
    let (done, failed) = (number("tasks_completed"), number("tasks_failed"));
    if done + failed == 0 {
        return match number("tasks_due") {
            0 => nothing_to_do(&number),
            due => format!("ingest: {} files wait in the queue\n", thousands(due)),
        };
    }
    let mut text = format!(
        "ingest: {} files, {} rows: {} matches new, {} changed, {} unchanged; {} duplicates, {} rejected",
        thousands(done),
        thousands(metrics.records_scanned),
        thousands(number("matches_inserted")),
        thousands(number("matches_updated")),
        thousands(number("matches_unchanged")),
        thousands(number("duplicates")),
        thousands(metrics.records_failed),
    );
    let waiting = number("schedules_waiting");
    if waiting > 0 {
        text.push_str(&format!(", {} orders of play wait for their match", thousands(waiting)));
    }
    let out_of_range = number("skipped_out_of_range");
    if out_of_range > 0 {
        text.push_str(&format!(", {} out of range", thousands(out_of_range)));
    }
    if failed > 0 {
        text.push_str(&format!("; {failed} files failed (see above)"));
    }
    text.push_str(&format!(", in {:.1} s\n", metrics.duration_s));
    if let Some(Value::Object(reasons)) = metrics.details.get("rejected")
        && !reasons.is_empty()
    {
        let reasons: Vec<String> =
            reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        text.push_str(&format!("rejected: {}; listed in {}\n", reasons.join(", "), rejects_jsonl.display()));
    }
    text
}

fn nothing_to_do(number: &dyn Fn(&str) -> u64) -> String {
    let (seen, unchanged) = (number("files_seen"), number("files_unchanged"));
    let (waiting, failed_before) = (number("tasks_waiting"), number("tasks_failed_before"));
    if seen == 0 {
        return "ingest: nothing to do: no match archive or feed document of these tours in the feed folders\n".to_owned();
    }
    let mut text =
        format!("ingest: nothing to do: {unchanged} files have not changed since they were ingested");
    if waiting > 0 {
        text.push_str(&format!(", {waiting} failed and wait for their next attempt"));
    }
    if failed_before > 0 {
        text.push_str(&format!(", {failed_before} failed for good"));
    }
    text.push('\n');
    text
}
