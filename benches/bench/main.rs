//! What the program's promises cost, each beside the least that it could cost on the same machine (the floor).
//! `make bench` prints a table in Markdown; docs/PERFORMANCE.md holds the latest one.
//!
//! The server is a private one with PostgreSQL's own settings (fsync is on). Ours is always the program as a user runs it, from
//! start to exit. The floor is plain SQL on the same data that leaves the same values. Both take turns, each time on a fresh
//! copy of the same database. The medians are compared, and the fastest turns: where the two ratios disagree, the machine
//! was busy with something else.

mod data;
mod elo;
mod fold;
mod ingest;
mod live;
mod loading;
mod machine;
mod process;
mod server;
mod table;
mod verify;

use std::path::PathBuf;

use lexopt::prelude::*;

use server::Bench;
use table::Row;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
Measures what the program's promises cost, each beside the least that it could cost in the same run (the floor).

Usage: cargo bench --bench bench -- [OPTIONS]      (or: make bench)

Options:
  --quick         a tenth of the data
  --only LIST     only these groups: start, fold, loading, elo, changes, verify, ingest, live
  --turns N       turns of each side (default 3; short rows take more)
  --json PATH     also write the results as JSON
  --help          print this

The data are the match archives of ../shared/data when they are there, otherwise a made-up history of the same size.";

/// What is measured, in this order.
const GROUPS: [(&str, Group); 8] = [
    ("start", process::rows),
    ("fold", fold::rows),
    ("loading", loading::rows),
    ("elo", elo::rows),
    ("changes", elo::rows_of_changes),
    ("verify", verify::rows),
    ("ingest", ingest::rows),
    ("live", live::rows),
];

type Group = fn(&mut Bench) -> Result<Vec<Row>>;

/// What the user asked for.
struct Arguments {
    quick: bool,
    only: Option<Vec<String>>,
    turns: usize,
    json: Option<PathBuf>,
}

fn main() -> Result<()> {
    let Some(arguments) = parse()? else {
        println!("{USAGE}");
        return Ok(());
    };
    let mut bench = Bench::start(arguments.quick, arguments.turns)?;
    let mut rows = Vec::new();
    for (name, group) in GROUPS {
        if arguments.only.as_ref().is_none_or(|only| only.iter().any(|asked| asked == name)) {
            eprintln!("bench: {name}");
            rows.extend(group(&mut bench)?);
        }
    }
    let about = machine::about(&bench);
    print!("{}", table::markdown(&about, &rows));
    if let Some(path) = arguments.json {
        std::fs::write(path, table::json(&about, &rows))?;
    }
    Ok(())
}

fn parse() -> Result<Option<Arguments>> {
    let mut arguments = Arguments { quick: false, only: None, turns: 3, json: None };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("quick") => arguments.quick = true,
            Long("only") => {
                let list = parser.value()?.string()?;
                let only: Vec<String> = list.split(',').map(str::to_owned).collect();
                if let Some(wrong) = only.iter().find(|name| GROUPS.iter().all(|(known, _)| known != name)) {
                    return Err(format!("--only: no group {wrong:?}\n\n{USAGE}").into());
                }
                arguments.only = Some(only);
            }
            Long("turns") => arguments.turns = parser.value()?.parse::<usize>()?.max(1),
            Long("json") => arguments.json = Some(parser.value()?.into()),
            Long("help") => return Ok(None),
            // Cargo adds it.
            Long("bench") => {}
            _ => return Err(format!("{}\n\n{USAGE}", argument.unexpected()).into()),
        }
    }
    Ok(Some(arguments))
}
