//! The demonstration itself: tables, a season, the hourly runs, the proof, the rankings.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use super::sandbox::{Sandbox, Surroundings};
use super::season::{Options, Season};
use super::story::{Chapter, Story, short_date};
use crate::error::{Context, Error, Result};
use crate::report::progress::thousands;

/// How many players of each ranking are shown.
const RANKING_LENGTH: &str = "8";

/// What the user chose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Another seed, another season.
    pub seed: u64,
    /// Whether the server goes on running.
    pub keep_running: bool,
    /// How the user calls this program, for the commands that are shown.
    pub called: String,
    /// The folder as the user named it.
    pub folder: PathBuf,
    /// Whether the output goes to a terminal that likes bold headings.
    pub is_styled: bool,
}

/// Prints a piece of text.
pub type Say<'a> = dyn FnMut(&str) -> Result<()> + 'a;

/// Performs the demonstration; `say` prints.
///
/// # Errors
/// There is no PostgreSQL to run, a command fails, or the ratings are not those of a full replay.
pub fn perform(settings: &Settings, surroundings: Surroundings, say: &mut Say<'_>) -> Result<()> {
    let started = Instant::now();
    let story = Story::new(settings.seed, Options::default())?;
    let sandbox = Sandbox::open(surroundings)?;
    sandbox.teelo("migrate", &["migrate"])?;
    say(&format!(
        "A private PostgreSQL in {}, tables made ({:.1} s). The season, its players and its results are made up (seed {}).\n\n",
        settings.folder.display(),
        started.elapsed().as_secs_f64(),
        settings.seed
    ))?;
    show_runs(settings, &sandbox, &story, say)?;
    show_proof(&sandbox, say)?;
    for gender in ["men", "women"] {
        let list = sandbox.teelo("rankings", &["rankings", "--gender", gender, "--limit", RANKING_LENGTH])?;
        let (title, rest) = list.split_once('\n').unwrap_or((&list, ""));
        say(&format!("\n{}\n{rest}", heading(settings, title)))?;
    }
    say(&format!("\n{}", look_further(settings, &sandbox)))?;
    if settings.keep_running { sandbox.keep_running() } else { sandbox.close() }
}

/// Runs the pipeline once a chapter, a line each.
fn show_runs(settings: &Settings, sandbox: &Sandbox, story: &Story, say: &mut Say<'_>) -> Result<()> {
    let columns = format!(
        "{:>3}  {:<10}  {:>7}  {:>7}  {:>7}  {:>8}  {:>5}  {}",
        "run", "archives", "new", "changed", "rated", "re-rated", "s", "what is new"
    );
    say(&format!("{}\n", heading(settings, &columns)))?;
    for (number, chapter) in (1..).zip(&story.chapters) {
        say(&run(sandbox, &story.season, number, chapter)?)?;
    }
    Ok(())
}

/// Brings the archives up to the chapter's day, and runs the pipeline as the timer would; returns the line about it.
fn run(sandbox: &Sandbox, season: &Season, number: u32, chapter: &Chapter) -> Result<String> {
    season.write_archives(&sandbox.season_folder(), chapter.day)?;
    let summary = sandbox.teelo(&format!("run-{number}"), &["run", "--json"])?;
    let summary: Value =
        serde_json::from_str(&summary).context(|| format!("reading what run {number} printed"))?;
    let ingest = |name| metric(&summary, "current_events_ingest", name);
    let elo = |name| metric(&summary, "elo_incremental", name);
    Ok(format!(
        "{number:>3}  {:<10}  {:>7}  {:>7}  {:>7}  {:>8}  {:>5.1}  {}\n",
        short_date(chapter.day),
        ingest("matches_inserted")?,
        ingest("matches_updated")?,
        elo("matches_rated")?,
        elo("matches_rerated")?,
        summary["duration_s"].as_f64().unwrap_or_default(),
        chapter.text
    ))
}

/// A number of a stage, from the run's summary.
fn metric(summary: &Value, stage: &str, name: &str) -> Result<String> {
    let stages = summary["stages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = stages.iter().find(|record| record["name"] == stage);
    let number = found.and_then(|record| record["metrics"][name].as_u64());
    number.map(thousands).ok_or_else(|| Error::failed(format!("the run's summary has no {name} of {stage}")))
}

/// Replays every match in memory and compares. A difference is a failure, and the command says which.
fn show_proof(sandbox: &Sandbox, say: &mut Say<'_>) -> Result<()> {
    let started = Instant::now();
    let report = sandbox.teelo("verify", &["verify", "--json"])?;
    let report: Value = serde_json::from_str(&report).context(|| "reading what teelo verify printed")?;
    let matches = report["matches"].as_u64().unwrap_or_default();
    say(&format!(
        "\nExact: a replay of all {} matches from the beginning gives the same ratings, to the cent ({:.1} s).\n",
        thousands(matches),
        started.elapsed().as_secs_f64()
    ))
}

/// How to go on from here.
fn look_further(settings: &Settings, sandbox: &Sandbox) -> String {
    let Settings { called, folder, .. } = settings;
    let dir = quoted(folder);
    let mut ways = vec![
        ("each run's summary, events and logs", folder.join("runs").display().to_string()),
        ("the season's archives", folder.join("season").display().to_string()),
    ];
    if settings.keep_running {
        ways.push(("the database", format!("psql '{}'", sandbox.url())));
        ways.push(("stop the server, which still runs", format!("{called} devdb stop --dir {dir}")));
    } else {
        ways.push(("start the server again", format!("{called} devdb start --dir {dir}")));
        ways.push(("then, the database", format!("psql \"$({called} devdb url --dir {dir})\"")));
    }
    ways.push(("another season, afresh", format!("{called} demo --seed {}", settings.seed.wrapping_add(1))));
    let lines: String = ways.iter().map(|(what, how)| format!("  {what:<36}  {how}\n")).collect();
    format!("{}\n{lines}", heading(settings, "To look further"))
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain =
        text.chars().all(|character| character.is_ascii_alphanumeric() || "/._-".contains(character));
    if is_plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Bold, where that is wanted.
fn heading(settings: &Settings, text: &str) -> String {
    if settings.is_styled { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}
