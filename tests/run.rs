//! `teelo run`: the lock, the choice of stages, and the trail of rows, files and events.

#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use pipeline::{METRICS, Pipeline, finish, is_alive, read_json, start, wait_until};
use serde_json::{Value, json};
use support::{run, teelo};

#[test]
fn a_run_leaves_rows_files_and_events_and_the_second_finds_nothing_to_do() {
    let pipeline = Pipeline::new("run_trail");
    let script = pipeline.script("ingest.sh", METRICS);
    for _ in 0..2 {
        let mut command =
            pipeline.command(&script, &["--metrics-json", "out/m.json", "--status-jsonl", "out/s.jsonl"]);
        let output = run(&mut command).expect_code(0);
        let lines: Vec<&str> = output.stdout.lines().collect();
        assert_eq!(lines.len(), 5, "{lines:?}");
        assert!(
            lines[0].starts_with("current_events_ingest ") && lines[0].contains(" success "),
            "{lines:?}"
        );
        assert!(lines[0].ends_with("7 scanned, 5 processed, 1 skipped, 1 failed"), "{lines:?}");
        assert!(lines[1].starts_with("elo_incremental ") && lines[1].contains(" success "), "{lines:?}");
        assert!(
            lines[2].starts_with("player_enrichment_incremental ") && lines[2].contains(" skipped "),
            "{lines:?}"
        );
        assert_eq!(lines[3], "no match was written");
        assert!(lines[4].starts_with("run ") && lines[4].contains(" success "), "{lines:?}");
        assert_eq!(output.stderr, "");
    }
    let rows = pipeline.run_rows();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!((row.status.as_str(), row.has_ended), ("success", true));
        let folder = pipeline.run_folder(&row.run_id);
        let summary = read_json(&folder.join("summary.json"));
        assert_eq!(summary, row.summary, "the row and the file say the same");
        assert_eq!(summary["run_id"], json!(row.run_id));
        assert_eq!(summary["schema_version"], 1);
        assert_eq!(summary["stages"][0]["metrics"]["records_scanned"], 7);
        assert_eq!(summary["stages"][0]["metrics"]["matches_inserted"], 0);
        for file in ["metrics.json", "stdout.log", "stderr.log"] {
            assert!(folder.join("current_events_ingest").join(file).is_file(), "{file}");
        }
        for file in ["metrics.json", "status.jsonl"] {
            assert!(folder.join("elo_incremental").join(file).is_file(), "{file}");
        }
        assert_eq!(events(&std::fs::read_to_string(folder.join("events.jsonl")).unwrap()), EVENTS);
    }
    for stage in pipeline.stage_rows().iter().filter(|stage| stage.status != "skipped") {
        assert_eq!(
            (stage.status.as_str(), stage.has_ended, stage.error_text.as_str()),
            ("success", true, "")
        );
        for name in
            ["duration_s", "records_scanned", "records_processed", "records_skipped", "records_failed"]
        {
            assert!(stage.metrics[name].is_number(), "{name} of {stage:?}");
        }
    }
    assert_eq!(read_json(&pipeline.path("out/m.json")), rows[1].summary);
    let both = std::fs::read_to_string(pipeline.path("out/s.jsonl")).unwrap();
    assert_eq!(events(&both), [EVENTS, EVENTS].concat());
}

/// The events of a run in which both required stages succeed, and there is no source of facts about players.
const EVENTS: [&str; 7] = [
    "run run_started",
    "current_events_ingest stage_started",
    "current_events_ingest stage_finished",
    "elo_incremental stage_started",
    "elo_incremental stage_finished",
    "player_enrichment_incremental stage_skipped",
    "run run_finished",
];

/// Every event as `stage event`.
fn events(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            format!("{} {}", event["stage"].as_str().unwrap(), event["event"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn without_an_artifact_folder_runs_go_below_logs() {
    let pipeline = Pipeline::new("run_logs");
    let script = pipeline.script("ingest.sh", METRICS);
    let mut command = pipeline.command(&script, &["--json"]);
    let output = run(command.env_remove("TEELO_ARTIFACTS_DIR")).expect_code(0);
    let (row, _) = pipeline.only_run();
    let folder = pipeline.path("logs/pipeline").join(&row.run_id);
    let summary = read_json(&folder.join("summary.json"));
    assert_eq!(serde_json::from_str::<Value>(&output.stdout).unwrap(), summary, "--json prints the summary");
    assert_eq!(summary["artifacts"], json!(folder));
    let id = row.run_id.as_bytes();
    assert_eq!((id.len(), id[8], id[15], id[16]), (25, b'T', b'Z', b'-'), "{}", row.run_id);
    assert!(id[17..].iter().all(u8::is_ascii_hexdigit), "{}", row.run_id);
}

#[test]
fn of_two_runs_at_once_one_works_and_the_other_writes_nothing() {
    let pipeline = Pipeline::new("run_two");
    let script = pipeline.script(
        "ingest.sh",
        &format!("touch $here/started\nuntil [ -e $here/go ]; do sleep 0.02; done\n{METRICS}"),
    );
    let first = start(&mut pipeline.command(&script, &[]));
    pipeline.wait_for("started");
    let mut second =
        pipeline.command(&script, &["--lock-timeout-seconds", "0.3", "--status-jsonl", "events.jsonl"]);
    let second = run(second.env("TEELO_ARTIFACTS_DIR", pipeline.path("second"))).expect_code(75);
    assert_eq!(second.stdout, "");
    assert!(
        second.stderr.contains("locked by teelo/run on this machine (server process "),
        "{}",
        second.stderr
    );
    assert!(!pipeline.path("second").exists());
    assert!(!pipeline.path("events.jsonl").exists());
    assert_eq!(pipeline.run_rows().len(), 1);
    std::fs::write(pipeline.path("go"), "").unwrap();
    finish(first).expect_code(0);
    let (row, stages) = pipeline.only_run();
    assert_eq!(row.status, "success");
    assert_eq!(stages[..2], ["current_events_ingest success", "elo_incremental success"]);
}

#[test]
fn a_run_waits_for_the_lock_as_long_as_it_may() {
    let pipeline = Pipeline::new("run_waits");
    let script = pipeline.script(
        "ingest.sh",
        &format!("touch $here/started\nuntil [ -e $here/go ]; do sleep 0.02; done\n{METRICS}"),
    );
    let first = start(&mut pipeline.command(&script, &[]));
    pipeline.wait_for("started");
    let second = start(&mut pipeline.command(&script, &["--lock-timeout-seconds", "600"]));
    std::fs::write(pipeline.path("go"), "").unwrap();
    finish(first).expect_code(0);
    finish(second).expect_code(0);
    assert_eq!(pipeline.run_rows().len(), 2);
}

#[test]
fn the_lock_is_the_legacy_orchestrators_or_the_one_that_is_set() {
    let pipeline = Pipeline::new("run_lock_key");
    let script = pipeline.script("ingest.sh", METRICS);
    let mut legacy = pipeline.database.client();
    for key in [3_085_158_873_381_457_578_i64, 42] {
        assert!(legacy.query_one(include_str!("sql/lock_take.sql"), &[&key]).unwrap().get::<_, bool>(0));
    }
    let arguments = ["--lock-timeout-seconds", "0"];
    for (set, code) in [
        (None, 75),
        (Some("42"), 75),
        (Some("teelo_hourly_pipeline"), 75),
        (Some("43"), 0),
        (Some("other"), 0),
    ] {
        let mut command = pipeline.command(&script, &arguments);
        if let Some(set) = set {
            command.env("HOURLY_PIPELINE_LOCK_KEY", set);
        }
        let output = run(&mut command).expect_code(code);
        assert_eq!(output.stderr.contains("teelo/test"), code == 75, "{}", output.stderr);
    }
    assert_eq!(pipeline.run_rows().len(), 2);
}

#[test]
fn stages_are_chosen_by_flag_and_variable() {
    const VARIABLE: &str = "HOURLY_PIPELINE_ENABLED_STAGES";
    let pipeline = Pipeline::new("run_choice");
    let script = pipeline.script("ingest.sh", METRICS);
    let only_elo = [("current_events_ingest", "skipped"), ("elo_incremental", "success")];
    let only_ingest = [("current_events_ingest", "success"), ("elo_incremental", "skipped")];
    let cases: [(&[&str], &str, _, &str); 5] = [
        (&["--stages", "elo_incremental"], "", only_elo, "not named by --stages"),
        (&["--skip-stages", "current_events_ingest"], "", only_elo, "named by --skip-stages"),
        (&[], "elo_incremental", only_elo, "not named by HOURLY_PIPELINE_ENABLED_STAGES"),
        (&["--stages", "current_events_ingest"], "elo_incremental", only_ingest, "not named by --stages"),
        (&["--skip-stages=elo_incremental"], "", only_ingest, "named by --skip-stages"),
    ];
    for (arguments, variable, expected, reason) in cases {
        run(pipeline.command(&script, arguments).env(VARIABLE, variable)).expect_code(0);
        let rows = pipeline.stage_rows();
        for (row, (name, status)) in rows[rows.len() - 3..].iter().zip(expected) {
            assert_eq!((row.name.as_str(), row.status.as_str(), row.has_ended), (name, status, true));
            assert_eq!(row.error_text, if status == "skipped" { reason } else { "" });
        }
    }
    assert!(pipeline.run_rows().iter().all(|row| row.status == "success"));
}

#[test]
fn a_required_stage_that_fails_ends_the_run_unless_told_otherwise() {
    const VARIABLE: &str = "HOURLY_PIPELINE_FAIL_FAST";
    let pipeline = Pipeline::new("run_fail");
    let script = pipeline.script("ingest.sh", "echo 'the site is down' >&2; exit 1");
    let cases: [(&[&str], &str, &str); 5] = [
        (&[], "", "skipped"),
        (&["--continue-on-error"], "", "success"),
        (&[], "false", "success"),
        (&["--fail-fast"], "false", "skipped"),
        (&["--continue-on-error"], "true", "success"),
    ];
    for (arguments, variable, elo) in cases {
        let output = run(pipeline.command(&script, arguments).env(VARIABLE, variable)).expect_code(1);
        assert!(output.stderr.contains("the site is down"), "{}", output.stderr);
        let rows = pipeline.stage_rows();
        let [ingest, rated, _] = &rows[rows.len() - 3..] else { panic!("three stages") };
        assert_eq!(
            (ingest.status.as_str(), rated.status.as_str()),
            ("failed", elo),
            "{arguments:?} {variable}"
        );
        if elo == "skipped" {
            assert!(
                rated.error_text.contains("current_events_ingest did not succeed"),
                "{}",
                rated.error_text
            );
        }
    }
    assert!(pipeline.run_rows().iter().all(|row| row.status == "failed"));
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_written() {
    let pipeline = Pipeline::new("run_usage");
    let script = pipeline.script("ingest.sh", METRICS);
    std::fs::write(pipeline.path("file"), "").unwrap();
    let file = pipeline.path("file/below").display().to_string();
    let cases: [(&[&str], &str, &str, &str); 26] = [
        (
            &["--stages", "elo"],
            "",
            "",
            "--stages: there is no stage \"elo\"; there are current_events_ingest, elo_",
        ),
        (&["--stages", ""], "", "", "--stages: \"\" names no stage"),
        (&["--skip-stages", "x"], "", "", "--skip-stages: there is no stage \"x\""),
        (
            &["--skip-stages", "elo_incremental,current_events_ingest,player_enrichment_incremental"],
            "",
            "",
            "no stage is left to run",
        ),
        (&["--stages"], "", "", "--stages needs a value"),
        (&["--colour"], "", "", "unknown flag --colour; `teelo run --help` lists"),
        (&["now"], "", "", "unexpected argument \"now\""),
        (
            &["--max-runtime-minutes", "0"],
            "",
            "",
            "--max-runtime-minutes: 0 is not valid; expected a number of minutes",
        ),
        (&["--max-runtime-minutes", "-1"], "", "", "--max-runtime-minutes: -1 is not valid"),
        (&["--max-runtime-minutes", "1e300"], "", "", "is not valid; expected a number of minutes"),
        (&["--max-runtime-minutes", "soon"], "", "", "--max-runtime-minutes: \"soon\" is not valid"),
        (&["--lock-timeout-seconds", "-1"], "", "", "--lock-timeout-seconds: -1 is not valid"),
        (&["--lock-timeout-seconds", "NaN"], "", "", "--lock-timeout-seconds: NaN is not valid"),
        (
            &[],
            "HOURLY_PIPELINE_ENABLED_STAGES",
            "a",
            "HOURLY_PIPELINE_ENABLED_STAGES: there is no stage \"a\"",
        ),
        (&[], "HOURLY_PIPELINE_FAIL_FAST", "maybe", "HOURLY_PIPELINE_FAIL_FAST: \"maybe\" is not valid"),
        (&[], "HOURLY_PIPELINE_MAX_RUNTIME_MINUTES", "x", "HOURLY_PIPELINE_MAX_RUNTIME_MINUTES: \"x\""),
        (
            &[],
            "HOURLY_PIPELINE_MAX_RUNTIME_MINUTES",
            "-5",
            "HOURLY_PIPELINE_MAX_RUNTIME_MINUTES: -5 is not valid",
        ),
        (
            &[],
            "HOURLY_PIPELINE_LOCK_KEY",
            "9223372036854775808",
            "HOURLY_PIPELINE_LOCK_KEY: \"9223372036854775808\"",
        ),
        (
            &[],
            "UPDATE_CURRENT_EVENTS_COMMAND",
            "python3 'x",
            "UPDATE_CURRENT_EVENTS_COMMAND: a single quote is not",
        ),
        (
            &[],
            "UPDATE_CURRENT_EVENTS_COMMAND",
            "''",
            "UPDATE_CURRENT_EVENTS_COMMAND: the program's name is empty",
        ),
        (&[], "UPDATE_CURRENT_EVENTS_COMMAND", "", "has no source of results. Set TEELO_FEED_DIRS"),
        (&[], "UPDATE_CURRENT_EVENTS_EXTRA_ARGS", "\"a", "UPDATE_CURRENT_EVENTS_EXTRA_ARGS: a double quote"),
        (&[], "UPDATE_CURRENT_EVENTS_WORKERS", "0", "UPDATE_CURRENT_EVENTS_WORKERS: \"0\" is not valid"),
        (
            &[],
            "UPDATE_CURRENT_EVENTS_CLEAR_QUEUE",
            "2",
            "UPDATE_CURRENT_EVENTS_CLEAR_QUEUE: \"2\" is not valid",
        ),
        (&[], "ELO_INCREMENTAL_BATCH_SIZE", "many", "ELO_INCREMENTAL_BATCH_SIZE: \"many\" is not valid"),
        (&[], "TEELO_ARTIFACTS_DIR", &file, "is no folder; set TEELO_ARTIFACTS_DIR"),
    ];
    for (arguments, variable, value, message) in cases {
        let mut command = pipeline.command(&script, arguments);
        if !variable.is_empty() {
            command.env(variable, value);
        }
        let output = run(&mut command).expect_code(2);
        assert!(output.stderr.starts_with("teelo: ") && output.stderr.contains(message), "{}", output.stderr);
        assert_eq!(output.stdout, "");
    }
    pipeline.expect_nothing_written();
}

#[test]
fn what_our_own_ingest_would_refuse_is_refused_before_anything_is_written() {
    let pipeline = Pipeline::new("run_own_ingest");
    let cases = [
        ("UPDATE_CURRENT_EVENTS_TOURS", "ATP,XTP", "\"XTP\" is no tour"),
        ("UPDATE_CURRENT_EVENTS_WORKERS", "65", "--workers: 65 is not valid"),
        ("UPDATE_CURRENT_EVENTS_EXTRA_ARGS", "--colour", "unknown flag --colour"),
        ("UPDATE_CURRENT_EVENTS_EXTRA_ARGS", "--feed", "--feed needs a value"),
        ("UPDATE_CURRENT_EVENTS_EXTRA_ARGS", "--help", "--help only prints the help"),
    ];
    for (variable, value, message) in cases {
        let mut command = pipeline.command("", &[]);
        command.env_remove("UPDATE_CURRENT_EVENTS_COMMAND").env("TEELO_FEED_DIRS", "feed");
        let output = run(command.env(variable, value)).expect_code(2);
        assert!(output.stderr.contains("teelo ingest would refuse its arguments"), "{}", output.stderr);
        assert!(output.stderr.contains(message), "{}", output.stderr);
    }
    pipeline.expect_nothing_written();
}

#[test]
fn help_teaches_and_a_missing_database_is_named() {
    assert!(teelo(&["run", "--help"]).expect_code(0).stdout.contains("--continue-on-error"));
    let arguments = ["run", "--stages", "elo_incremental"];
    assert!(teelo(&arguments).expect_code(2).stderr.contains("DATABASE_URL is not set"));
    let mut unreachable = support::teelo_command(&arguments);
    unreachable.env("DATABASE_URL", "postgresql://teelo@/teelo?host=/nowhere");
    assert!(run(&mut unreachable).expect_code(69).stderr.contains("cannot connect"));
    let empty = support::TestDatabase::empty("run_empty");
    assert!(empty.teelo(&arguments).expect_code(2).stderr.contains("teelo migrate"));
}

#[test]
fn what_died_is_marked_as_abandoned_and_nothing_else_is_touched() {
    let pipeline = Pipeline::new("run_abandoned");
    pipeline.database.client().batch_execute(include_str!("sql/pipeline_history.sql")).unwrap();
    let output = pipeline.run_script(METRICS, &[]).expect_code(0);
    assert!(output.stderr.contains("run died-1 had died"), "{}", output.stderr);
    let rows = pipeline.run_rows();
    let statuses: Vec<&str> = rows.iter().map(|row| row.status.as_str()).collect();
    assert_eq!(statuses, ["abandoned", "success", "abandoned", "success"]);
    assert!(rows[0].has_ended && rows[2].has_ended && !rows[1].has_ended);
    assert_eq!(rows[1].summary, json!({"kept": true}));
    assert_eq!(rows[2].summary, json!({"kept": true, "abandoned_seen_by": rows[3].run_id}));
    assert_eq!(rows[3].summary["abandoned_runs"], json!(["died-1", "died-2"]));
    let stages = pipeline.stage_rows();
    assert_eq!((stages[0].status.as_str(), stages[0].has_ended), ("abandoned", true));
    assert!(stages[0].error_text.contains(&rows[3].run_id), "{}", stages[0].error_text);
    assert_eq!((stages[1].status.as_str(), stages[1].has_ended), ("success", false));
}

#[test]
fn a_killed_run_takes_its_program_along_and_is_abandoned_by_the_next() {
    let pipeline = Pipeline::new("run_killed");
    let waiting =
        pipeline.script("waiting.sh", "sleep 3600 & echo $! $$ > $here/new; mv $here/new $here/pids; wait");
    let mut killed = start(&mut pipeline.command(&waiting, &[]));
    let pids = pipeline.wait_for("pids");
    assert!(pids.split_whitespace().all(is_alive));
    killed.kill().unwrap();
    killed.wait().unwrap();
    wait_until("the killed run's program has ended", || !pids.split_whitespace().any(is_alive));
    pipeline.run_script(METRICS, &[]).expect_code(0);
    let rows = pipeline.run_rows();
    assert_eq!((rows[0].status.as_str(), rows[1].status.as_str()), ("abandoned", "success"));
    let stages: Vec<String> = pipeline.stage_rows().into_iter().map(|stage| stage.status).collect();
    assert_eq!(stages, ["abandoned", "success", "success", "skipped"]);
    assert_eq!(read_json(&pipeline.run_folder(&rows[0].run_id).join("summary.json"))["status"], "running");
}

#[test]
fn a_run_that_loses_its_lock_stops_its_program_and_records_it_under_the_lock() {
    let pipeline = Pipeline::new("run_lock_lost");
    let waiting = pipeline.script("waiting.sh", "echo $$ > $here/new; mv $here/new $here/pid; sleep 3600");
    let losing = start(&mut pipeline.command(&waiting, &["--continue-on-error"]));
    let pid = pipeline.wait_for("pid");
    let mut client = pipeline.database.client();
    assert_eq!(client.query(include_str!("sql/sessions_end.sql"), &[&"teelo/run"]).unwrap().len(), 1);
    let output = finish(losing).expect_code(1);
    assert!(!is_alive(&pid));
    assert!(output.stderr.contains("the session that holds the run's lock was lost"), "{}", output.stderr);
    let (row, stages) = pipeline.only_run();
    let expected =
        ["current_events_ingest failed", "elo_incremental skipped", "player_enrichment_incremental skipped"];
    assert_eq!((row.status.as_str(), stages), ("failed", expected.map(str::to_owned).to_vec()));
    let summary = read_json(&pipeline.run_folder(&row.run_id).join("summary.json"));
    assert_eq!(summary, row.summary);
    assert!(summary["error_text"].as_str().unwrap().contains("lock was lost"), "{summary}");
    pipeline.run_script(METRICS, &[]).expect_code(0);
    assert_eq!(pipeline.run_rows()[0].status, "failed");
}
