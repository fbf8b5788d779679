//! Signals and the deadline, wherever they meet the program: it ends in time, with the right code; what was committed stays, and
//! the rows and files say what happened.

#[path = "support/pipeline.rs"]
mod pipeline;
#[path = "support/stopping.rs"]
mod stopping;
mod support;

use std::process::Child;

use pipeline::{METRICS, Pipeline, finish, is_alive, read_json, start, wait_until};
use rustix::process::Signal;
use stopping::{
    block_matches, end_in_time, expect_no_query, made_up_feed, sessions, silent_server, stop, tell,
    wait_until_blocked,
};
use support::teelo_command;

/// The key of the pipeline's lock (DATABASE.md).
const LOCK_KEY: i64 = 3_085_158_873_381_457_578;
/// A stage's program that does not let itself be told.
const STUBBORN: &str =
    "trap '' TERM INT; echo $$ > $here/new; mv $here/new $here/pid; while :; do sleep 0.1; done";

/// A database with results of which none is rated.
fn with_results(name: &str, count: i32) -> Pipeline {
    let pipeline = Pipeline::new(name);
    let mut client = pipeline.database.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&30]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&count, &30]).unwrap();
    pipeline
}

/// What a run's only row and its stages say, in order.
#[track_caller]
fn expect_rows(pipeline: &Pipeline, run: &str, stages: [&str; 3]) {
    let (row, found) = pipeline.only_run();
    assert_eq!((row.status.as_str(), row.has_ended), (run, true));
    let names = ["current_events_ingest", "elo_incremental", "player_enrichment_incremental"];
    let expected: Vec<String> =
        names.iter().zip(stages).map(|(name, status)| format!("{name} {status}")).collect();
    assert_eq!(found, expected);
    let summary = read_json(&pipeline.run_folder(&row.run_id).join("summary.json"));
    assert_eq!(summary, row.summary, "the row and the file say the same");
}

#[test]
fn while_it_connects() {
    let (_listener, address) = silent_server();
    for command in [["run"].as_slice(), &["elo"], &["ingest", "--feed", "/tmp"], &["verify"], &["migrate"]] {
        let mut teelo = teelo_command(command);
        teelo.env("DATABASE_URL", &address).env("UPDATE_CURRENT_EVENTS_COMMAND", "true");
        let child = start(&mut teelo);
        wait_until("the program listens to signals", || listens(&child));
        let output = stop(child, Signal::TERM).expect_code(143);
        assert!(
            output.stderr.contains("stopped, because SIGTERM was received"),
            "{command:?}: {}",
            output.stderr
        );
    }
    let mut teelo = teelo_command(&["run", "--max-runtime-minutes", "0.005"]);
    teelo.env("DATABASE_URL", &address).env("UPDATE_CURRENT_EVENTS_COMMAND", "true");
    let output = end_in_time(start(&mut teelo)).expect_code(124);
    assert!(output.stderr.contains("the run's deadline of 0.005 min was reached"), "{}", output.stderr);
}

/// Whether the process has taken over SIGINT (2) and SIGTERM (15). Otherwise the system ends it on the spot, or, when it is the
/// first process of a container, ignores them.
fn listens(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
    [2, 15].iter().all(|signal| caught & (1 << (signal - 1)) != 0)
}

#[test]
fn while_it_waits_for_the_lock() {
    let pipeline = Pipeline::new("stop_lock");
    let mut holder = pipeline.database.client();
    assert!(holder.query_one(include_str!("sql/lock_take.sql"), &[&LOCK_KEY]).unwrap().get::<_, bool>(0));
    let waiting = start(&mut pipeline.command("true", &["--lock-timeout-seconds", "600"]));
    wait_until("it is connected", || !sessions(&pipeline.database, "teelo/run").is_empty());
    stop(waiting, Signal::TERM).expect_code(143);
    let waiting = pipeline
        .command("true", &["--lock-timeout-seconds", "600", "--max-runtime-minutes", "0.01"])
        .output()
        .unwrap();
    assert_eq!(waiting.status.code(), Some(124));
    pipeline.expect_nothing_written();
}

#[test]
fn while_the_stages_program_runs_and_does_not_listen() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let pipeline = Pipeline::new("stop_program");
        let program = pipeline.script("ingest.sh", STUBBORN);
        let running = start(&mut pipeline.command(&program, &["--continue-on-error"]));
        let pid = pipeline.wait_for("pid");
        let output = stop(running, signal).expect_code(code);
        assert!(!is_alive(&pid));
        assert!(output.stdout.contains("interrupted"), "{}", output.stdout);
        expect_rows(&pipeline, "interrupted", ["interrupted", "skipped", "skipped"]);
        assert!(pipeline.ingest_row().error_text.contains("was received"), "{:?}", pipeline.ingest_row());
        // The next run is not disturbed by anything that is left.
        pipeline.run_script(METRICS, &[]).expect_code(0);
    }
}

#[test]
fn a_second_signal_ends_it_at_once_and_nothing_survives() {
    let pipeline = Pipeline::new("stop_twice");
    let program = pipeline.script("ingest.sh", STUBBORN);
    let running = start(&mut pipeline.command(&program, &[]));
    let pid = pipeline.wait_for("pid");
    tell(&running, Signal::TERM);
    // The second one counts when it is not a part of the first.
    std::thread::sleep(std::time::Duration::from_millis(300));
    stop(running, Signal::INT).expect_code(130);
    let (row, stages) = pipeline.only_run();
    assert_eq!((row.status.as_str(), stages), ("running", vec!["current_events_ingest running".to_owned()]));
    wait_until("the program has ended", || !is_alive(&pid));
    pipeline.run_script(METRICS, &[]).expect_code(0);
    assert_eq!(pipeline.run_rows()[0].status, "abandoned");
}

#[test]
fn a_signal_to_the_program_and_again_to_its_group_is_one_signal() {
    let pipeline = Pipeline::new("stop_timeout");
    let program = pipeline.script("ingest.sh", STUBBORN);
    let running = start(&mut pipeline.command(&program, &[]));
    pipeline.wait_for("pid");
    // As `timeout` does it.
    tell(&running, Signal::TERM);
    stop(running, Signal::TERM).expect_code(143);
    expect_rows(&pipeline, "interrupted", ["interrupted", "skipped", "skipped"]);
}

#[test]
fn while_a_statement_of_the_elo_stage_waits() {
    let ends: [(&[&str], Option<Signal>, i32, &str); 3] = [
        (&[], Some(Signal::TERM), 143, "interrupted"),
        (&[], Some(Signal::INT), 130, "interrupted"),
        (&["--max-runtime-minutes", "0.05"], None, 124, "timed_out"),
    ];
    for (arguments, signal, code, status) in ends {
        let pipeline = with_results("stop_elo", 40);
        let mut client = pipeline.database.client();
        let blocking = block_matches(&mut client);
        let program = pipeline.script("ingest.sh", METRICS);
        let running = start(&mut pipeline.command(&program, arguments));
        wait_until_blocked(&pipeline.database, "teelo/elo", 1);
        match signal {
            Some(signal) => stop(running, signal),
            None => end_in_time(running),
        }
        .expect_code(code);
        expect_no_query(&pipeline.database, "teelo/elo");
        expect_rows(&pipeline, status, ["success", status, "skipped"]);
        blocking.rollback().unwrap();
        pipeline.run_script(METRICS, &[]).expect_code(0);
        pipeline.database.teelo(&["verify"]).expect_code(0);
    }
}

#[test]
fn between_the_batches_of_the_elo_stage() {
    let pipeline = with_results("stop_batches", 3000);
    let program = pipeline.script("ingest.sh", METRICS);
    let mut command = pipeline.command(&program, &["--status-jsonl", "events.jsonl"]);
    let running = start(command.env("ELO_INCREMENTAL_BATCH_SIZE", "1"));
    let batches = || {
        let (row, _) = pipeline.only_run();
        let events = pipeline.run_folder(&row.run_id).join("elo_incremental/status.jsonl");
        std::fs::read_to_string(events).map_or(0, |text| text.matches("\"batch\"").count())
    };
    wait_until("some batches are written", || !pipeline.run_rows().is_empty() && batches() > 20);
    stop(running, Signal::TERM).expect_code(143);
    expect_rows(&pipeline, "interrupted", ["success", "interrupted", "skipped"]);
    let rated = pipeline.stage_rows()[1].metrics["matches_rated"].as_u64().unwrap();
    assert!((20..3000).contains(&rated), "{rated}");
    // What was committed stays: the next run rates only the rest.
    pipeline.run_script(METRICS, &[]).expect_code(0);
    let rest = pipeline.stage_rows()[4].metrics["matches_rated"].as_u64().unwrap();
    assert_eq!(rated + rest, 3000);
    pipeline.database.teelo(&["verify"]).expect_code(0);
}

#[test]
fn a_stage_by_itself_and_verify() {
    let pipeline = with_results("stop_alone", 40);
    for (command, application_name) in [("elo", "teelo/elo"), ("verify", "teelo/verify")] {
        let mut client = pipeline.database.client();
        let blocking = block_matches(&mut client);
        let running = start(&mut pipeline.database.command(&[command]));
        wait_until_blocked(&pipeline.database, application_name, 1);
        let output = stop(running, Signal::TERM).expect_code(143);
        assert!(
            output.stderr.ends_with("was received; what was committed before stays\n"),
            "{}",
            output.stderr
        );
        expect_no_query(&pipeline.database, application_name);
        blocking.rollback().unwrap();
    }
    pipeline.database.teelo(&["elo"]).expect_code(0);
    pipeline.database.teelo(&["verify"]).expect_code(0);
}

#[test]
fn the_workers_of_the_ingest() {
    let pipeline = Pipeline::new("stop_ingest");
    let feed = made_up_feed(&pipeline, 2);
    let arguments = ["ingest", "--feed", feed.to_str().unwrap(), "--workers", "3", "--json"];
    let command = || {
        let mut command = pipeline.database.command(&arguments);
        command.current_dir(pipeline.path(""));
        command
    };
    let mut client = pipeline.database.client();
    let blocking = block_matches(&mut client);
    let running = start(&mut command());
    wait_until_blocked(&pipeline.database, "teelo/ingest", 1);
    stop(running, Signal::TERM).expect_code(143);
    expect_no_query(&pipeline.database, "teelo/ingest");
    blocking.rollback().unwrap();
    for row in client.query(include_str!("sql/ingest_tasks.sql"), &[]).unwrap() {
        let (status, error): (String, Option<String>) = (row.get("status"), row.get("last_error"));
        assert!(["pending", "in_progress"].contains(&status.as_str()), "{status}");
        assert_eq!(error, None, "no file is blamed for it");
    }
    let output = finish(start(&mut command())).expect_code(0);
    let metrics: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(metrics["records_failed"], 0);
    assert!(metrics["matches_inserted"].as_u64().unwrap() > 100, "{metrics}");
}

#[test]
fn the_ingest_within_a_run() {
    let pipeline = Pipeline::new("stop_run_ingest");
    let feed = made_up_feed(&pipeline, 1);
    let mut client = pipeline.database.client();
    let blocking = block_matches(&mut client);
    let mut command = pipeline.command("", &[]);
    command.env_remove("UPDATE_CURRENT_EVENTS_COMMAND").env("TEELO_FEED_DIRS", &feed);
    let running = start(&mut command);
    wait_until_blocked(&pipeline.database, "teelo/ingest", 1);
    stop(running, Signal::TERM).expect_code(143);
    expect_no_query(&pipeline.database, "teelo/ingest");
    wait_until("only the test's own sessions are left", || {
        sessions(&pipeline.database, "teelo/%").len() <= 2
    });
    blocking.rollback().unwrap();
    expect_rows(&pipeline, "interrupted", ["interrupted", "skipped", "skipped"]);
    let metrics = &pipeline.ingest_row().metrics;
    assert_eq!(metrics["status"], "interrupted", "the program had time to say so: {metrics}");
    assert_eq!(metrics["subprocess"]["exit_code"], 143);
}

#[test]
fn when_a_stages_session_does_not_answer_any_more_the_rows_still_tell() {
    for (limits, signal, code, status) in [
        (["--max-runtime-minutes", "0.05"].as_slice(), None, 124, "timed_out"),
        (&[], Some(Signal::TERM), 143, "interrupted"),
    ] {
        let pipeline = with_results("stop_stage_hung", 40);
        let mut client = pipeline.database.client();
        let blocking = block_matches(&mut client);
        let mut command = pipeline.command(&pipeline.script("ingest.sh", METRICS), limits);
        command.env("TEELO_HOOK_FAILURE", pipeline.script("hook.sh", "echo called > $here/called"));
        let running = start(&mut command);
        wait_until_blocked(&pipeline.database, "teelo/elo", 1);
        let hung = sessions(&pipeline.database, "teelo/elo");
        assert_eq!(hung.len(), 1, "{hung:?}");
        // No request to cancel is heard.
        support::signal(&hung[0], Signal::STOP);
        if let Some(signal) = signal {
            tell(&running, signal);
        }
        let output = finish(running);
        support::signal(&hung[0], Signal::CONT);
        let output = output.expect_code(code);
        assert!(output.stderr.contains("something does not end"), "{}", output.stderr);
        blocking.rollback().unwrap();
        expect_rows(&pipeline, status, ["success", status, "skipped"]);
        let stage = &pipeline.stage_rows()[1];
        assert!(stage.error_text.ends_with("; it did not end, and was left behind"), "{}", stage.error_text);
        // After a signal nobody has time for the hook.
        assert_eq!(pipeline.path("called").exists(), signal.is_none());
        wait_until("its session has ended", || sessions(&pipeline.database, "teelo/elo").is_empty());
        pipeline.run_script(METRICS, &[]).expect_code(0);
        pipeline.database.teelo(&["verify"]).expect_code(0);
    }
}

#[test]
fn when_the_server_does_not_answer_any_more() {
    let pipeline = with_results("stop_hung", 40);
    let mut client = pipeline.database.client();
    let blocking = block_matches(&mut client);
    let running = start(&mut pipeline.command(&pipeline.script("ingest.sh", METRICS), &[]));
    wait_until_blocked(&pipeline.database, "teelo/elo", 1);
    // Neither the stage's session nor the run's answers; no request to cancel is heard.
    let hung =
        [sessions(&pipeline.database, "teelo/elo"), sessions(&pipeline.database, "teelo/run")].concat();
    assert_eq!(hung.len(), 2, "{hung:?}");
    hung.iter().for_each(|pid| support::signal(pid, Signal::STOP));
    tell(&running, Signal::TERM);
    let output = end_in_time(running).expect_code(143);
    hung.iter().for_each(|pid| support::signal(pid, Signal::CONT));
    assert!(output.stderr.contains("something does not end"), "{}", output.stderr);
    blocking.rollback().unwrap();
    wait_until("its sessions have ended", || {
        sessions(&pipeline.database, "teelo/elo").is_empty()
            && sessions(&pipeline.database, "teelo/run").is_empty()
    });
    let (row, stages) = pipeline.only_run();
    // The first row was on its way: the session writes it when it wakes up, before it lets the lock go.
    assert_eq!((row.status.as_str(), stages[1].as_str()), ("running", "elo_incremental interrupted"));
    let summary = read_json(&pipeline.run_folder(&row.run_id).join("summary.json"));
    assert_eq!(
        (&summary["status"], &summary["stages"][1]["status"]),
        (&"interrupted".into(), &"interrupted".into())
    );
    pipeline.run_script(METRICS, &[]).expect_code(0);
    assert_eq!(pipeline.run_rows()[0].status, "abandoned");
    pipeline.database.teelo(&["verify"]).expect_code(0);
}
