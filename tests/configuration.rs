//! docs/CONFIGURATION.md against the program: every flag of every command and every variable, in both directions, and the defaults.

#[path = "support/helps.rs"]
mod helps;
#[path = "support/rust_text.rs"]
mod rust_text;
mod support;
#[path = "support/variables.rs"]
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use rust_text::{Kind, pieces};
use variables::read;

/// A row of a table: the cells, without what is around them.
type Row = Vec<String>;

/// The rows of the tables of the page, by the heading that they are under, without those of titles.
fn tables() -> BTreeMap<String, Vec<Row>> {
    let mut tables: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let mut heading = String::new();
    for line in read("docs/CONFIGURATION.md").lines() {
        if let Some(title) = line.strip_prefix('#') {
            heading = title.trim_start_matches('#').trim().to_owned();
        } else if let Some(row) = line.strip_prefix('|') {
            let cells: Row =
                row.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            if cells[0].starts_with('`') {
                tables.entry(heading.clone()).or_default().push(cells);
            }
        }
    }
    tables
}

/// The parts of a cell that are between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The flags of a command in the page, with their defaults where these are values.
fn documented(command: &str, tables: &BTreeMap<String, Vec<Row>>) -> BTreeMap<String, Option<String>> {
    let mut flags = BTreeMap::new();
    for row in tables.get(&format!("teelo {command}")).into_iter().flatten() {
        assert_eq!(row.len(), 3, "{row:?}");
        assert!(!row[1].is_empty(), "{row:?}: no meaning");
        let name = quoted(&row[0])[0].split(' ').next().unwrap().to_owned();
        let default = quoted(&row[2]).first().map(|&text| text.to_owned());
        assert_eq!(flags.insert(name, default), None, "{row:?} is there twice");
    }
    flags
}

#[test]
fn every_flag_is_documented_with_the_default_of_the_help() {
    let tables = tables();
    for command in helps::commands() {
        let mut in_help = helps::flags(&command);
        in_help.remove("--help").expect("every command has --help");
        let documented = documented(&command, &tables);
        assert_eq!(
            documented.keys().collect::<Vec<_>>(),
            in_help.keys().collect::<Vec<_>>(),
            "teelo {command}"
        );
        for (flag, default) in documented {
            if let Some(default) = default {
                assert!(
                    in_help[&flag].contains(&default),
                    "teelo {command} {flag}: {default}? {}",
                    in_help[&flag]
                );
            }
        }
    }
    let known: BTreeSet<String> = helps::commands().into_iter().collect();
    for heading in tables.keys().filter_map(|heading| heading.strip_prefix("teelo ")) {
        assert!(known.contains(heading), "{heading} is no command");
    }
}

#[test]
fn every_value_of_a_flag_is_called_as_in_the_help() {
    let tables = tables();
    for command in helps::commands() {
        let help = helps::help(&command);
        for row in tables.get(&format!("teelo {command}")).into_iter().flatten() {
            let flag = quoted(&row[0])[0];
            assert!(help.contains(&format!("\n  {flag} ")), "teelo {command}: {flag}");
        }
    }
}

/// The flags that the source of a command takes from the command line.
fn taken(command: &str) -> BTreeSet<String> {
    let source = read(&format!("src/cli/{command}.rs"));
    let pieces = pieces(&source);
    let long = pieces.windows(2).filter(|pair| pair[0].text.ends_with("Long(") && pair[1].kind == Kind::Text);
    long.map(|pair| format!("--{}", pair[1].text)).collect()
}

#[test]
fn the_help_lists_the_flags_that_the_source_takes() {
    for command in helps::commands() {
        let in_help: BTreeSet<String> = helps::flags(&command).into_keys().collect();
        assert_eq!(in_help, taken(&command), "teelo {command}");
    }
}

#[test]
fn every_variable_is_documented_and_no_other() {
    let mut documented = BTreeSet::new();
    for row in tables().values().flatten() {
        for name in row.iter().flat_map(|cell| quoted(cell)) {
            let is_libpqs = name.starts_with("PG") && name.chars().all(|letter| letter.is_ascii_uppercase());
            if is_libpqs || variables::is_name(name) && name != "RUN_ID" {
                documented.insert(name.to_owned());
            }
        }
    }
    assert_eq!(documented, variables::read_somewhere());
}

#[test]
fn the_example_has_the_documented_defaults() {
    let example = read("systemd/teelo.env.example");
    let mut compared = 0;
    for row in tables().values().flatten().filter(|row| variables::is_name(quoted(&row[0])[0])) {
        let (name, default) =
            (quoted(&row[0])[0], row[2].strip_prefix('`').and_then(|text| text.strip_suffix('`')));
        if let Some(default) = default.filter(|default| !default.contains(' ')) {
            assert!(example.contains(&format!("\n#{name}={default}\n")), "{name}: {default}");
            compared += 1;
        }
    }
    assert!(compared > 10, "{compared}");
}

#[test]
fn the_variables_in_the_help_texts_exist() {
    const OURS: [&str; 7] = ["TEELO_", "HOURLY_", "UPDATE_", "ELO_", "PLAYER_", "ENABLE_", "DATABASE_"];
    // What programs get that `teelo` starts.
    const GIVEN: [&str; 3] = ["TEELO_RUN_ID", "TEELO_STAGE", "TEELO_STATUS"];
    let known = variables::read_somewhere();
    let mut seen = BTreeSet::new();
    for command in helps::commands() {
        let help = helps::help(&command);
        let words = help.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        for word in
            words.filter(|word| variables::is_name(word) && OURS.iter().any(|start| word.starts_with(start)))
        {
            assert!(known.contains(word) || GIVEN.contains(&word), "teelo {command} --help: {word}");
            seen.insert(word.to_owned());
        }
    }
    // And whatever is ours is in some help.
    let missing: Vec<&String> = known
        .iter()
        .filter(|name| OURS.iter().any(|start| name.starts_with(start)) && !seen.contains(*name))
        .filter(|name| *name != "TEELO_FAILURE_COMMAND")
        .collect();
    assert!(missing.is_empty(), "no help names {missing:?}");
}
