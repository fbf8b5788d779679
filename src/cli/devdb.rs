//! `teelo devdb`: the private PostgreSQL for development.

use std::path::PathBuf;

use lexopt::prelude::*;
use serde_json::json;

use super::{print, text_value, unexpected, usage_error};
use crate::config;
use crate::error::{EXIT_DONE, EXIT_FAILED, Error, Result};
use crate::private_server::{Devdb, Running, Started, Stopped};

pub(super) const USAGE: &str = "\
A PostgreSQL of your own for development: no administrator, no password, no TCP port. It keeps its data in a
folder, and it goes on running until you stop it. It needs PostgreSQL's server programs (package postgresql).

Usage: teelo devdb ACTION [OPTIONS]

Actions:
  start       start it; the first time with an empty database
  stop        stop it; the data stays
  url         print its address for DATABASE_URL, and nothing else
  status      say whether it runs, and where its data and its log are

Options:
  --dir DIR   the folder that it belongs to (default: .teelo in the current folder)
  --json      with status: print JSON
  --help      print this

Exit codes: url and status end with 1 when it does not run.
The server programs are found by TEELO_PG_BIN, else pg_config, /usr/lib/postgresql and PATH. For root the server
runs as the user postgres; where that user cannot enter the folder (below /root), the folder holds a link to the
data in /var/lib/teelo.

Examples:
  teelo devdb start
  export DATABASE_URL=\"$(teelo devdb url)\"
  teelo migrate
  psql \"$(teelo devdb url)\"
  teelo devdb stop && rm -r .teelo        stop it and throw its data away
";

/// The folder of the development database, unless the user names another.
const DEFAULT_FOLDER: &str = ".teelo";

/// What the user asked for.
#[derive(Debug)]
struct Args {
    action: Option<String>,
    folder: PathBuf,
    json: bool,
}

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let mut args = Args { action: None, folder: PathBuf::from(DEFAULT_FOLDER), json: false };
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Value(action) if args.action.is_none() => {
                args.action = Some(action.to_string_lossy().into_owned())
            }
            Long("dir") => args.folder = PathBuf::from(text_value(parser, "--dir")?),
            Long("json") => args.json = true,
            Long("help") | Short('h') => return print(USAGE),
            _ => return Err(unexpected(argument, "teelo devdb")),
        }
    }
    let devdb = Devdb::new(&args.folder, config::private_server()?)?;
    match args.action.as_deref() {
        Some("status") => status(&devdb, args.json),
        _ if args.json => Err(Error::usage("--json goes with status")),
        Some("start") => start(&devdb),
        Some("stop") => stop(&devdb),
        Some("url") => url(&devdb),
        Some(other) => {
            Err(Error::usage(format!("unknown action {other:?}; expected start, stop, url or status")))
        }
        None => {
            Err(Error::usage("an action is needed: start, stop, url or status; see `teelo devdb --help`"))
        }
    }
}

fn start(devdb: &Devdb) -> Result<u8> {
    let (verb, running) = match devdb.start()? {
        Started::Now(running) => ("started", running),
        Started::Before(running) => ("already running", running),
    };
    print(&format!(
        "{verb}: PostgreSQL with its data in {}\n\nexport DATABASE_URL='{}'\n",
        running.data.display(),
        running.url
    ))
}

fn stop(devdb: &Devdb) -> Result<u8> {
    match devdb.stop()? {
        Stopped::Now => print("stopped; the data stays\n"),
        Stopped::Before => print("not running\n"),
    }
}

fn url(devdb: &Devdb) -> Result<u8> {
    match devdb.running()? {
        Some(running) => print(&format!("{}\n", running.url)),
        None => Err(Error::failed(format!(
            "the development database of {} is not running; start it with `teelo devdb start`",
            devdb.folder().display()
        ))),
    }
}

fn status(devdb: &Devdb, as_json: bool) -> Result<u8> {
    let running = devdb.running()?;
    let text = match (&running, as_json) {
        (Some(Running { pid, url, data, log }), false) => {
            format!(
                "running, process {pid}\n  url   {url}\n  data  {}\n  log   {}\n",
                data.display(),
                log.display()
            )
        }
        (None, false) => {
            format!("not running; `teelo devdb start` starts it in {}\n", devdb.folder().display())
        }
        (Some(Running { pid, url, data, log }), true) => format!(
            "{:#}\n",
            json!({"schema_version": 1, "running": true, "pid": pid, "url": url, "data": data, "log": log})
        ),
        (None, true) => format!("{:#}\n", json!({"schema_version": 1, "running": false})),
    };
    print(&text)?;
    Ok(if running.is_some() { EXIT_DONE } else { EXIT_FAILED })
}
