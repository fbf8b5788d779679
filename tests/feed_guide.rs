//! The guide for feed writers says what the program does: its examples are good, its tables complete.

#[path = "support/documents.rs"]
mod documents_support;
#[path = "support/guide.rs"]
mod guide;
mod support;

use std::collections::BTreeSet;

use documents_support::{ABSENT, line};
use serde_json::{Value, json};
use support::{TestFolder, run, teelo_command};
use teelo::ingest::documents::{COMMON_FIELDS, Kind};

const KINDS: [(Kind, &str); 3] =
    [(Kind::Draw, "Draw"), (Kind::Schedule, "Schedule"), (Kind::Results, "Results")];

/// A folder with the guide's documents.
fn examples() -> (TestFolder, Vec<String>) {
    let folder = TestFolder::new("guide");
    let examples = guide::examples();
    for (name, content) in &examples {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    (folder, examples.into_iter().map(|(name, _)| name).collect())
}

#[test]
fn the_examples_are_good() {
    let (folder, names) = examples();
    let good: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| !name.starts_with("broken")).collect();
    let kinds: BTreeSet<Option<Kind>> = good.iter().map(|name| Kind::of_file(name)).collect();
    assert_eq!(kinds, Kind::ALL.map(Some).into(), "an example of each document");
    let arguments = [&["ingest", "--check"], good.as_slice()].concat();
    let output = run(teelo_command(&arguments).current_dir(folder.path())).expect_code(0);
    assert_eq!(output.stdout.lines().count(), 1, "no problem and no note:\n{}", output.stdout);
    // Together they show every field.
    let texts: String = guide::examples().into_iter().map(|(_, content)| content).collect();
    for field in Kind::ALL.into_iter().flat_map(Kind::fields) {
        assert!(texts.contains(&format!("\"{field}\": ")), "no example of {field}");
    }
}

#[test]
fn the_commands_print_what_the_guide_says() {
    let (folder, _) = examples();
    let commands = guide::blocks("console");
    assert_eq!(commands.len(), 1);
    for (_, content) in commands {
        let (command, expected) = content.split_once('\n').unwrap();
        let arguments: Vec<&str> = command.strip_prefix("$ teelo ").unwrap().split(' ').collect();
        let output = run(teelo_command(&arguments).current_dir(folder.path())).expect_code(3);
        assert_eq!(output.stdout, expected);
    }
}

/// The cells of the first column.
fn first_cells(heading: &str) -> Vec<String> {
    guide::table(heading).into_iter().map(|mut row| row.swap_remove(0)).collect()
}

#[test]
fn the_tables_have_every_field_and_no_other() {
    assert_eq!(first_cells("Fields of every record"), COMMON_FIELDS);
    for (kind, heading) in KINDS {
        let listed: BTreeSet<String> = first_cells(heading).into_iter().collect();
        let own = kind.fields().skip(COMMON_FIELDS.len()).map(str::to_owned).collect();
        assert_eq!(listed, own, "{heading}");
    }
}

/// The reasons for which a record of this kind without `field` is rejected.
fn check_without(kind: Kind, field: &str) -> Vec<Value> {
    let folder = TestFolder::new("guide");
    let path = folder.path().join(format!("one{}", kind.ending()));
    std::fs::write(&path, line(kind, &json!({field: ABSENT}))).unwrap();
    let output = run(&mut teelo_command(&["ingest", "--check", "--json", path.to_str().unwrap()]));
    let lines = output.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["type"] == "problem" && line["field"] == field).collect()
}

#[test]
fn what_the_tables_call_required_is_required() {
    for (kind, heading) in KINDS {
        for row in [guide::table("Fields of every record"), guide::table(heading)].concat() {
            let (field, required) = (row[0].as_str(), row[1].as_str());
            let required =
                required.starts_with("yes") && !(kind == Kind::Draw && required.contains("(draw: no)"));
            // These are missed because of what else the record has: a time, or an id.
            if field == "match_date"
                || (kind == Kind::Draw && field.ends_with("_name") && field != "winner_name")
            {
                continue;
            }
            let problems = check_without(kind, field);
            let missing = problems.iter().any(|problem| problem["reason"] == "missing_field");
            assert_eq!(missing, required, "{heading}: {field}: {problems:?}");
        }
    }
}

#[test]
fn the_table_of_reasons_is_complete() {
    let source =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/ingest/rejects.rs")).unwrap();
    let codes: BTreeSet<String> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \""))
        .map(|(_, code)| code.trim_end_matches("\",").to_owned())
        .collect();
    assert!(codes.contains("not_json") && codes.contains("conflicting_repeat"), "{codes:?}");
    assert_eq!(first_cells("Why a record is rejected").into_iter().collect::<BTreeSet<_>>(), codes);
}
