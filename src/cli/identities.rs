//! `teelo identities`.

use std::fmt::Write as _;

use lexopt::prelude::*;
use serde_json::json;
use time::OffsetDateTime;

use super::{parsed_value, print, text_value, unexpected, usage_error};
use crate::error::{Error, Result};
use crate::identity::merge::{self, Merged};
use crate::identity::review::{self, Decision, Entry};
use crate::{config, db, migrations};

pub(super) const USAGE: &str = "\
Decides who is who: players whom the feeds name so that nobody can tell who is meant, and players who are there twice.

Usage: teelo identities [list] [OPTIONS]
       teelo identities resolve ENTRY (--player ID | --new | --ignore) [OPTIONS]
       teelo identities merge KEEP OTHER [OPTIONS]

Actions:
  list      the review queue: names that wait for a decision, each with the players it may be (default)
  resolve   decide an entry: its name is that player from now on, a new player, or nobody
  merge     two players are one person: everything of OTHER becomes KEEP's, and OTHER goes

Options:
  --player ID   with resolve: the name is this player's; its spelling and id are kept
  --new         with resolve: the name is a new player's, who is made
  --ignore      with resolve: the name is nobody's; records with it stay rejected
  --by NAME     with resolve: who decided (default: USER)
  --all         with list: decided entries too
  --dry-run     with merge: tell what would move, change nothing
  --json        print JSON
  --help        print this

A merge is one transaction and cannot be undone. It is refused for two who played each other, who have two ids of one
source, or of whom one played with men and the other with women. Ratings follow with the next `teelo elo`.

Examples:
  teelo identities
  teelo identities resolve 17 --player 4021
  teelo identities merge 4021 35500 --dry-run
";

/// What the user asked for.
#[derive(Debug, Default)]
struct Args {
    words: Vec<String>,
    player: Option<i32>,
    new: bool,
    ignore: bool,
    by: Option<String>,
    all: bool,
    dry_run: bool,
    json: bool,
}

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let mut args = Args::default();
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("player") => args.player = Some(parsed_value(parser, "--player", "a player's id")?),
            Long("new") => args.new = true,
            Long("ignore") => args.ignore = true,
            Long("by") => args.by = Some(text_value(parser, "--by")?),
            Long("all") => args.all = true,
            Long("dry-run") => args.dry_run = true,
            Long("json") => args.json = true,
            Long("help") | Short('h') => return print(USAGE),
            Value(word) => args.words.push(word.string().map_err(usage_error)?),
            _ => return Err(unexpected(argument, "teelo identities")),
        }
    }
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["list"] => list(&args),
        ["resolve", entry] => resolve(&args, id(entry)?),
        ["merge", keep, other] => merge_players(&args, id(keep)?, id(other)?),
        ["resolve", ..] => {
            Err(Error::usage("resolve needs the number of one entry; `teelo identities` lists them"))
        }
        ["merge", ..] => Err(Error::usage("merge needs two players: who stays, and who goes")),
        [other, ..] => Err(Error::usage(format!(
            "unknown action {other:?}; expected list, resolve or merge (`teelo identities --help`)"
        ))),
    }
}

fn id(text: &str) -> Result<i32> {
    config::parse("identities", text, "a number: the id of a player or an entry")
}

fn connect() -> Result<postgres::Client> {
    let mut client = db::connect(&config::database_url()?, "identities")?;
    migrations::require_current(&mut client)?;
    Ok(client)
}

fn list(args: &Args) -> Result<u8> {
    let entries = review::list(&mut connect()?, args.all)?;
    if args.json {
        return print(&format!("{:#}\n", json!({"schema_version": 1, "entries": entries})));
    }
    if entries.is_empty() {
        return print("nothing to decide\n");
    }
    print(&entries.iter().map(shown).collect::<String>())
}

fn shown(entry: &Entry) -> String {
    let mut text = format!("{:>6}  {}  ({}", entry.id, entry.name, entry.source);
    if let Some(external_id) = &entry.external_id {
        _ = write!(text, " {external_id}");
    }
    _ = write!(text, "{})", entry.tournament.as_ref().map_or(String::new(), |name| format!(", {name}")));
    if entry.status != review::PENDING {
        _ = write!(text, "  {}", entry.status);
    }
    text.push('\n');
    for candidate in &entry.candidates {
        _ = writeln!(
            text,
            "        {:>6}  {}  {}",
            candidate.player_id, candidate.confidence, candidate.name
        );
    }
    text
}

fn resolve(args: &Args, entry: i32) -> Result<u8> {
    let decision = match (args.player, args.new, args.ignore) {
        (Some(player), false, false) => Decision::Player(player),
        (None, true, false) => Decision::New,
        (None, false, true) => Decision::Ignore,
        _ => return Err(Error::usage("resolve needs one of --player ID, --new and --ignore")),
    };
    let by = match &args.by {
        Some(name) => name.clone(),
        None => config::variable("USER")?.unwrap_or_else(|| "teelo".to_owned()),
    };
    let player = review::resolve(&mut connect()?, entry, decision, &by, OffsetDateTime::now_utc())?;
    if args.json {
        return print(&format!("{:#}\n", json!({"schema_version": 1, "entry": entry, "player_id": player})));
    }
    print(&match player {
        Some(player) => format!("entry {entry} is player {player}\n"),
        None => format!("entry {entry} is nobody\n"),
    })
}

fn merge_players(args: &Args, keep: i32, other: i32) -> Result<u8> {
    let merged = merge::run(&mut connect()?, keep, other, args.dry_run, OffsetDateTime::now_utc())?;
    if args.json {
        let mut value = json!(merged);
        value["schema_version"] = json!(1);
        value["dry_run"] = json!(args.dry_run);
        return print(&format!("{value:#}\n"));
    }
    print(&told(&merged, args.dry_run))
}

fn told(merged: &Merged, dry_run: bool) -> String {
    let verb = if dry_run { "would become" } else { "became" };
    let mut text = format!(
        "player {} ({}) {verb} player {} ({}): {} matches, {} spellings, {} ids, {} rows of the review queue\n",
        merged.merged_player_id,
        merged.merged_name,
        merged.kept_player_id,
        merged.kept_name,
        merged.matches_moved,
        merged.aliases_moved,
        merged.external_ids_moved,
        merged.review_rows_moved,
    );
    for ids in &merged.doubles {
        let list: Vec<String> = ids.iter().map(i32::to_string).collect();
        _ = writeln!(
            text,
            "the same edition, round and opponent: matches {}; one may be a double",
            list.join(", ")
        );
    }
    if !dry_run {
        text.push_str("run `teelo elo`: the ratings follow\n");
    }
    text
}
