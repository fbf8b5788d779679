//! Nothing of a stage's program is left, however it ends and however the run ends.

#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::process::Command;

use pipeline::{METRICS, Pipeline, is_alive, start, wait_until};
use serde_json::json;
use support::run;

/// Runs a program that does `body`, never ends by itself, and writes `ready` when it is where the test wants it, until
/// a deadline ends it. When the deadline came before that, the test is done over with a later one.
fn run_until_deadline(name: &str, body: &str, arguments: &[&str]) -> Pipeline {
    for minutes in ["0.005", "0.05", "0.5", "2"] {
        let pipeline = Pipeline::new(name);
        let deadline = ["--max-runtime-minutes", minutes];
        pipeline.run_script(body, &[&deadline, arguments].concat()).expect_code(124);
        if pipeline.path("ready").exists() {
            return pipeline;
        }
    }
    panic!("the program was not ready within two minutes");
}

/// Starts helpers of every kind that this process can find again after any death, notes their ids in `pids`, and does `end`.
fn with_helpers(end: &str) -> String {
    format!(
        "sleep 3600 &
         echo $! >> $here/pids
         setsid sh -c 'echo $$ >> \"$0/pids\"; exec sleep 3600' $here &
         sh -c 'sleep 3600 & echo $! >> \"$0/pids\"' $here
         echo $$ >> $here/pids
         until [ $(wc -l < $here/pids) -eq 4 ]; do sleep 0.02; done
         {end}"
    )
}

/// The same, with one more that nothing marks: out of the group, without its parent, with an environment of its own.
fn with_orphan(end: &str) -> String {
    with_helpers(&format!(
        "(env -i PATH=\"$PATH\" setsid sh -c 'echo $$ >> \"$0/pids\"; exec sleep 3600' $here &)
         until [ $(wc -l < $here/pids) -eq 5 ]; do sleep 0.02; done
         {end}"
    ))
}

/// Nothing that the program noted lives.
#[track_caller]
fn expect_all_gone(pipeline: &Pipeline, count: usize) {
    let pids = pipeline.wait_for("pids");
    assert_eq!(pids.lines().count(), count);
    for pid in pids.lines() {
        assert!(!is_alive(pid), "process {pid} survived");
    }
}

#[test]
fn at_the_deadline_nothing_of_the_program_survives() {
    let pipeline = run_until_deadline("sub_deadline", &with_orphan("touch $here/ready; sleep 3600"), &[]);
    expect_all_gone(&pipeline, 5);
    let (row, stages) = pipeline.only_run();
    assert_eq!((row.status.as_str(), row.has_ended), ("timed_out", true));
    assert_eq!(stages[..2], ["current_events_ingest timed_out", "elo_incremental skipped"]);
    assert_eq!(row.summary["deadline_reached"], true);
    assert!(pipeline.ingest_row().error_text.contains("the run's deadline of 0."));
}

#[test]
fn a_program_that_ignores_the_request_to_end_is_killed() {
    let body = "trap '' TERM; echo $$ > $here/pid; touch $here/ready; while :; do sleep 1; done";
    let pipeline = run_until_deadline("sub_stubborn", body, &["--continue-on-error"]);
    assert!(!is_alive(&pipeline.wait_for("pid")));
    let rows = pipeline.stage_rows();
    assert_eq!((rows[0].status.as_str(), rows[1].status.as_str()), ("timed_out", "skipped"));
    assert!(rows[1].error_text.contains("the run's deadline of 0."), "no stage begins after it: {rows:?}");
}

#[test]
fn a_program_may_clean_up_at_the_deadline_and_its_metrics_count() {
    let clean = format!("clean() {{ {METRICS}\nexit 0\n}}");
    let body = format!("{clean}\ntrap 'clean \"$@\"' TERM\nsleep 3600 & touch $here/ready; wait");
    let pipeline = run_until_deadline("sub_clean_up", &body, &[]);
    let ingest = pipeline.ingest_row();
    assert_eq!((ingest.status.as_str(), &ingest.metrics["records_scanned"]), ("timed_out", &json!(7)));
}

#[test]
fn what_a_finished_program_leaves_behind_is_ended() {
    let pipeline = Pipeline::new("sub_left");
    let output = pipeline.run_script(&format!("{METRICS}\n{}", with_orphan("exit 0")), &[]).expect_code(0);
    expect_all_gone(&pipeline, 5);
    assert!(output.stderr.contains("4 processes that the program had left behind"), "{}", output.stderr);
    assert_eq!(pipeline.only_run().0.status, "success");
}

#[test]
fn nothing_survives_of_a_tree_that_ignores_the_request_to_end() {
    // What is ignored stays ignored in every child.
    let body = format!("trap '' TERM\n{}", with_orphan("touch $here/ready; while :; do sleep 1; done"));
    let pipeline = run_until_deadline("sub_stubborn_tree", &body, &[]);
    expect_all_gone(&pipeline, 5);
    let ingest = pipeline.ingest_row();
    assert_eq!((ingest.status.as_str(), &ingest.metrics["subprocess"]["signal"]), ("timed_out", &json!(9)));
    assert!(!ingest.metrics["subprocess"]["warnings"].to_string().contains("cannot be ended"), "{ingest:?}");
}

#[test]
fn a_run_that_is_killed_takes_along_what_left_the_group_and_what_ignores_the_request() {
    for stubborn in ["", "trap '' TERM\n"] {
        let pipeline = Pipeline::new("sub_run_killed");
        let body = format!("{stubborn}{}", with_helpers("touch $here/ready; while :; do sleep 1; done"));
        let mut killed = start(&mut pipeline.command(&pipeline.script("ingest.sh", &body), &[]));
        pipeline.wait_for("ready");
        killed.kill().unwrap();
        killed.wait().unwrap();
        wait_until("all of the program has ended", || !pipeline.wait_for("pids").lines().any(is_alive));
    }
}

#[test]
fn when_a_run_is_killed_its_program_is_asked_to_end_once() {
    let pipeline = Pipeline::new("sub_asked_once");
    // It notes each request, and goes on until it is killed.
    let body = "trap 'echo asked >> $here/asked' TERM; echo $$ > $here/pid; while :; do sleep 0.01; done";
    let mut killed = start(&mut pipeline.command(&pipeline.script("ingest.sh", body), &[]));
    let pid = pipeline.wait_for("pid");
    killed.kill().unwrap();
    killed.wait().unwrap();
    wait_until("the program has ended", || !is_alive(&pid));
    assert_eq!(pipeline.wait_for("asked"), "asked\n");
}

#[test]
fn a_run_that_is_killed_at_the_very_start_of_its_program_takes_it_along() {
    let pipeline = Pipeline::new("sub_killed_at_once");
    let script = pipeline
        .script("ingest.sh", "echo $$ > $here/new; mv $here/new $here/pid; while :; do sleep 1; done");
    for _ in 0..20 {
        let mut killed = start(&mut pipeline.command(&script, &[]));
        let pid = pipeline.wait_for("pid");
        killed.kill().unwrap();
        killed.wait().unwrap();
        std::fs::remove_file(pipeline.path("pid")).unwrap();
        wait_until("the program has ended", || !is_alive(&pid));
    }
}

#[test]
fn what_the_run_was_started_with_is_left_alone() {
    // A container's start script: something beside the run, which then replaces the script.
    let pipeline = Pipeline::new("sub_beside");
    let script = pipeline.script("ingest.sh", &format!("{METRICS}\n{}", with_helpers("exit 0")));
    let run_command = pipeline.command(&script, &[]);
    let mut entry = Command::new("sh");
    entry.args([
        "-c",
        "sleep 3600 >&- 2>&- & echo $! > beside; exec \"$0\" run",
        env!("CARGO_BIN_EXE_teelo"),
    ]);
    entry.current_dir(pipeline.path("")).env_clear();
    entry.envs(run_command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = run(&mut entry).expect_code(0);
    let beside = pipeline.wait_for("beside");
    assert!(is_alive(&beside));
    support::signal(beside.trim(), rustix::process::Signal::KILL);
    expect_all_gone(&pipeline, 4);
    assert!(output.stderr.contains("3 processes that the program had left behind"), "{}", output.stderr);
}
