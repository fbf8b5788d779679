//! `teelo verify`.

use lexopt::prelude::*;
use serde_json::{Value as Json, json};

use super::{parsed_value, print, unexpected, usage_error};
use crate::config;
use crate::elo::verify::{self, Findings};
use crate::error::{EXIT_DONE, EXIT_FAILED, Result};
use crate::report::progress::thousands;
use crate::stop;

pub(super) const USAGE: &str = "\
Replays all matches in memory and compares every stored rating and player state with the result. It writes
nothing, takes no lock, and may run at any time, also while other commands work.

Usage: teelo verify [OPTIONS]

Options:
  --limit N   show the first N differences (10)
  --json      print JSON: schema_version, matches, players, pending, differences, differences_by_column, ...
  --help      print this

Exit code: 0 when nothing differs, 1 when something does. What is pending (new or changed results that `teelo elo`
has not rated yet) shows as differences too; run `teelo elo` first. If differences remain after it, somebody wrote
to the ELO columns: `teelo elo --rebuild` puts them right.

Examples:
  teelo verify
  teelo verify --json | jq .differences_by_column
";

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let (mut limit, mut as_json) = (10, false);
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("limit") => limit = parsed_value(parser, "--limit", "a whole number, 0 or more")?,
            Long("json") => as_json = true,
            Long("help") | Short('h') => return print(USAGE),
            _ => return Err(unexpected(argument, "teelo verify")),
        }
    }
    stop::at_signals()?;
    let findings = verify::run(&config::database_url()?, limit)?;
    if as_json {
        let mut value = json!({"schema_version": 1});
        if let (Json::Object(all), Json::Object(fields)) = (&mut value, serde_json::to_value(&findings)?) {
            all.extend(fields);
        }
        print(&format!("{value:#}\n"))?;
    } else {
        print(&text(&findings))?;
    }
    Ok(if findings.differences == 0 { EXIT_DONE } else { EXIT_FAILED })
}

fn text(findings: &Findings) -> String {
    let mut text = format!(
        "verified {} rated matches, {} other matches, {} players, parameters {}: {} differences\n",
        thousands(findings.matches),
        thousands(findings.unrated_matches),
        thousands(findings.players),
        findings.parameters_version,
        thousands(findings.differences),
    );
    if findings.pending > 0 {
        text.push_str(&format!(
            "pending: {} changes; run `teelo elo`, then verify again\n",
            thousands(findings.pending)
        ));
    }
    if findings.differences == 0 {
        return text;
    }
    text.push_str("\nby column\n");
    for (column, count) in &findings.differences_by_column {
        text.push_str(&format!("  {column:<30} {:>12}\n", thousands(*count)));
    }
    if !findings.first_differences.is_empty() {
        text.push_str("\nfirst differences\n");
    }
    for one in &findings.first_differences {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        text.push_str(&format!(
            "  {} {}  {}: stored {}, a full replay gives {}\n",
            one.of,
            one.id,
            one.column,
            shown(&one.stored),
            shown(&one.expected)
        ));
    }
    if findings.pending == 0 {
        text.push_str(
            "\nNothing is pending: somebody wrote to these columns. `teelo elo --rebuild` puts them right.\n",
        );
    }
    text
}
