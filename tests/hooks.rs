//! Hooks of a run: when each is called, with what, and that none changes the outcome.

#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::process::Command;

use pipeline::{METRICS, Pipeline, read_json};
use serde_json::json;
use support::run;

/// Notes how it was called: a line with the variables and whether a further argument came, and the summary as it is.
const NOTE: &str = r#"
name=$1; shift
cp "$1" "$here/$name.json"
echo "$name $TEELO_STATUS $TEELO_RUN_ID $#" >> "$here/calls"
echo "$name prints"
echo "$name complains" >&2
"#;

/// The run with all three hooks set to a script that notes its calls.
fn hooked(pipeline: &Pipeline, body: &str, arguments: &[&str]) -> Command {
    let hook = pipeline.script("a hook.sh", NOTE);
    let script = pipeline.script("ingest.sh", body);
    let mut command = pipeline.command(&script, arguments);
    for name in ["START", "SUCCESS", "FAILURE"] {
        command.env(format!("TEELO_HOOK_{name}"), format!("'{hook}' {name}"));
    }
    command
}

fn calls(pipeline: &Pipeline) -> Vec<String> {
    let text = std::fs::read_to_string(pipeline.path("calls")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn each_hook_is_called_once_with_the_summary() {
    let rejects = METRICS.to_owned() + "\nexit 3";
    for (body, code, hook, status) in [
        (METRICS, 0, "SUCCESS", "success"),
        (rejects.as_str(), 3, "SUCCESS", "partial"),
        ("exit 1", 1, "FAILURE", "failed"),
    ] {
        let pipeline = Pipeline::new("hooks_each");
        run(&mut hooked(&pipeline, body, &[])).expect_code(code);
        let (row, _) = pipeline.only_run();
        let id = &row.run_id;
        assert_eq!(calls(&pipeline), [format!("START running {id} 1"), format!("{hook} {status} {id} 1")]);
        let began = read_json(&pipeline.path("START.json"));
        assert_eq!((&began["status"], &began["stages"]), (&json!("running"), &json!([])));
        assert_eq!(read_json(&pipeline.path(&format!("{hook}.json"))), row.summary);
        let logs = pipeline.run_folder(id).join(format!("hook_{}", hook.to_lowercase()));
        assert_eq!(std::fs::read_to_string(logs.join("stdout.log")).unwrap(), format!("{hook} prints\n"));
        assert_eq!(std::fs::read_to_string(logs.join("stderr.log")).unwrap(), format!("{hook} complains\n"));
    }
}

#[test]
fn a_run_that_reaches_its_deadline_is_a_failure() {
    let pipeline = Pipeline::new("hooks_deadline");
    run(&mut hooked(&pipeline, "sleep 3600", &["--max-runtime-minutes", "0.03"])).expect_code(124);
    let called = calls(&pipeline);
    assert_eq!(called.len(), 2, "{called:?}");
    assert!(called[1].starts_with("FAILURE timed_out "), "{called:?}");
}

#[test]
fn a_run_that_cannot_begin_calls_none() {
    let pipeline = Pipeline::new("hooks_none");
    let mut holder = pipeline.database.client();
    let key = teelo::pipeline::lock::key_of_name("teelo_hourly_pipeline");
    holder.query_one(include_str!("sql/lock_take.sql"), &[&key]).unwrap();
    run(&mut hooked(&pipeline, METRICS, &["--lock-timeout-seconds", "0"])).expect_code(75);
    run(hooked(&pipeline, METRICS, &[]).env("DATABASE_URL", "postgresql://127.0.0.1:1/x")).expect_code(69);
    run(&mut hooked(&pipeline, METRICS, &["--stages", "x"])).expect_code(2);
    assert_eq!(calls(&pipeline), Vec::<String>::new());
}

#[test]
fn the_lock_is_free_when_the_last_hook_is_called() {
    let pipeline = Pipeline::new("hooks_lock");
    let script = pipeline.script("ingest.sh", METRICS);
    let inner = pipeline
        .script("inner.sh", &format!("'{}' status --json > $here/status", env!("CARGO_BIN_EXE_teelo")));
    run(pipeline.command(&script, &[]).env("TEELO_HOOK_SUCCESS", format!("'{inner}'"))).expect_code(0);
    let status = read_json(&pipeline.path("status"));
    assert_eq!((&status["lock_holder"], &status["runs"][0]["status"]), (&json!(null), &json!("success")));
}

#[test]
fn what_a_hook_does_changes_no_outcome() {
    let pipeline = Pipeline::new("hooks_outcome");
    let script = pipeline.script("ingest.sh", METRICS);
    let failing = pipeline.script("failing.sh", "rm \"$1\"; exit 9");
    for (value, reason) in [
        (failing.as_str(), "failing.sh failed (exit status: 9); its output is in "),
        ("no-such-program-here", "cannot start no-such-program-here: there is no such program in PATH"),
    ] {
        for (hook, warnings) in
            [("TEELO_HOOK_START", 1), ("TEELO_HOOK_SUCCESS", 1), ("TEELO_HOOK_FAILURE", 0)]
        {
            let output = run(pipeline.command(&script, &[]).env(hook, value)).expect_code(0);
            assert_eq!(output.stderr.lines().count(), warnings, "{}", output.stderr);
            assert!(warnings == 0 || output.stderr.contains(reason), "{}", output.stderr);
            assert!(warnings == 0 || output.stderr.contains(hook), "{}", output.stderr);
        }
    }
    assert!(pipeline.run_rows().iter().all(|row| row.status == "success"));
}

#[test]
fn a_hook_that_cannot_be_read_is_refused_before_anything_is_written() {
    let pipeline = Pipeline::new("hooks_usage");
    let script = pipeline.script("ingest.sh", METRICS);
    for (name, value, message) in [
        ("TEELO_HOOK_START", "mail 'x", "TEELO_HOOK_START: a single quote is not closed"),
        ("TEELO_HOOK_FAILURE", "''", "TEELO_HOOK_FAILURE: the program's name is empty"),
    ] {
        let output = run(pipeline.command(&script, &[]).env(name, value)).expect_code(2);
        assert!(output.stderr.contains(message), "{}", output.stderr);
    }
    pipeline.expect_nothing_written();
}
