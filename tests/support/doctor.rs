//! What the tests of `teelo doctor` share: the program, and what it found of one thing.

// Each test binary uses its own part of it.
#![allow(dead_code)]

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{TestDatabase, run};

/// The doctor for a database, with a source of results and nothing else set.
pub fn doctor(database: &TestDatabase) -> Command {
    let mut command = database.command(&["doctor", "--json"]);
    command.current_dir(env!("CARGO_TARGET_TMPDIR")).env("UPDATE_CURRENT_EVENTS_COMMAND", "true");
    command
}

/// What was found of the thing `name`, as `level: message -> fix`, with the exit code that goes with all levels.
#[track_caller]
pub fn found(command: &mut Command, name: &str) -> Vec<String> {
    let output = run(command);
    assert_eq!(output.stderr, "");
    let report: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let checks = report["checks"].as_array().unwrap();
    let has_errors = checks.iter().any(|check| check["level"] == "error");
    assert_eq!((output.code, &report["is_healthy"]), (Some(i32::from(has_errors)), &json!(!has_errors)));
    let matching = checks.iter().filter(|check| check["name"] == name);
    matching
        .map(|check| {
            let fix = check["fix"].as_str().unwrap_or("nothing to do");
            format!("{}: {} -> {fix}", check["level"].as_str().unwrap(), check["message"].as_str().unwrap())
        })
        .collect()
}

/// Exactly one finding of the thing, which begins so and holds all of `parts`.
#[track_caller]
pub fn expect(command: &mut Command, name: &str, begin: &str, parts: &[&str]) {
    let found = found(command, name);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    assert!(found[0].starts_with(begin), "{name}: {found:?}");
    parts.iter().for_each(|part| assert!(found[0].contains(part), "{name}, {part}: {found:?}"));
}
