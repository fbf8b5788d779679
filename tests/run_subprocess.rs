//! The subprocess contract of `teelo run` (INGEST.md): how the ingest program is called, what its end means, and that
//! nothing of it is left.

#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use pipeline::{METRICS, Pipeline, is_alive};
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

#[test]
fn the_program_is_called_as_the_contract_says() {
    let pipeline = Pipeline::new("sub_call");
    let script = pipeline
        .script("my ingest.sh", "printf '%s\\n' \"$@\"\necho $TEELO_RUN_ID $TEELO_STAGE $MINE >&2\ncat");
    let mut command = pipeline.command("", &[]);
    command
        .env("UPDATE_CURRENT_EVENTS_COMMAND", format!("'{script}' --first \"a b\""))
        .env("MINE", "inherited");
    run(&mut command).expect_code(0);
    let (row, _) = pipeline.only_run();
    let folder = pipeline.run_folder(&row.run_id).join("current_events_ingest");
    let (status, metrics) = (folder.join("status.jsonl"), folder.join("metrics.json"));
    let arguments = |rest: &[&str]| {
        let (status, metrics) = (status.display().to_string(), metrics.display().to_string());
        let fixed = ["--quiet-worker-logs", "--status-jsonl", &status, "--metrics-json", &metrics];
        [&["--first", "a b", "--workers"], &rest[..1], &fixed[..], &rest[1..]].concat().join("\n") + "\n"
    };
    assert_eq!(std::fs::read_to_string(folder.join("stdout.log")).unwrap(), arguments(&["4"]));
    let said = std::fs::read_to_string(folder.join("stderr.log")).unwrap();
    assert_eq!(said, format!("{} current_events_ingest inherited\n", row.run_id));

    command.env("UPDATE_CURRENT_EVENTS_WORKERS", "2").env("UPDATE_CURRENT_EVENTS_TOURS", "ATP,WTA");
    command.env("UPDATE_CURRENT_EVENTS_CLEAR_QUEUE", "yes");
    command.env("UPDATE_CURRENT_EVENTS_EXTRA_ARGS", "--feed '/srv/my feed' x");
    run(&mut command).expect_code(0);
    let second = pipeline.run_rows()[1].run_id.clone();
    let printed = pipeline.run_folder(&second).join("current_events_ingest").join("stdout.log");
    let expected = arguments(&["2", "--tours", "ATP,WTA", "--clear-queue", "--feed", "/srv/my feed", "x"]);
    assert_eq!(std::fs::read_to_string(printed).unwrap(), expected.replace(&row.run_id, &second));
}

#[test]
fn by_default_the_program_is_our_own_ingest() {
    let pipeline = Pipeline::new("sub_default");
    let cases = [("TEELO_FEED_DIRS", "nowhere"), ("UPDATE_CURRENT_EVENTS_EXTRA_ARGS", "--feed=nowhere")];
    for (variable, value) in cases {
        let mut command = pipeline.command("", &[]);
        command.env_remove("UPDATE_CURRENT_EVENTS_COMMAND").env(variable, value);
        // The folder is not there: that is for `teelo ingest` to say.
        run(&mut command).expect_code(1);
    }
    let rows = pipeline.stage_rows();
    let program = format!("{} failed with exit code 2", env!("CARGO_BIN_EXE_teelo"));
    assert!(rows[0].error_text.starts_with(&program), "{}", rows[0].error_text);
    assert!(rows[2].error_text.starts_with(&program), "{}", rows[2].error_text);
}

#[test]
fn rejected_records_make_the_run_partial() {
    let pipeline = Pipeline::new("sub_partial");
    let output =
        pipeline.run_script(&format!("{METRICS}\necho '1 record rejected' >&2; exit 3"), &[]).expect_code(3);
    assert!(output.stderr.contains("1 record rejected"), "{}", output.stderr);
    let (row, stages) = pipeline.only_run();
    assert_eq!(row.status, "partial");
    assert_eq!(stages, ["current_events_ingest partial", "elo_incremental success"]);
    let ingest = pipeline.ingest_row();
    assert!(ingest.error_text.contains("some records were rejected (exit code 3)"), "{}", ingest.error_text);
    assert_eq!(ingest.metrics["records_failed"], 1);
}

#[test]
fn a_failure_shows_the_end_of_standard_error() {
    let pipeline = Pipeline::new("sub_stderr");
    let body = "i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); echo \"line $i\" >&2; done
        printf 'a\\0b\\377\\n' >&2; echo '{\"note\": \"a\\u0000b\"}' > \"$7\"; exit 7";
    pipeline.run_script(body, &[]).expect_code(1);
    let ingest = pipeline.ingest_row();
    let lines: Vec<&str> = ingest.error_text.lines().collect();
    assert!(
        lines[0].ends_with("ingest.sh failed with exit code 7; the last lines of its standard error:"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 16, "{lines:?}");
    assert_eq!((lines[1], lines[14], lines[15]), ("line 2987", "line 3000", "a\u{fffd}b\u{fffd}"));
    assert_eq!(ingest.metrics["subprocess"]["exit_code"], 7);
}

#[test]
fn a_program_that_a_signal_ends_has_failed() {
    for (signal, name) in [("KILL", "signal 9 (SIGKILL)"), ("SEGV", "signal 11 (SIGSEGV)")] {
        let pipeline = Pipeline::new("sub_signal");
        pipeline.run_script(&format!("ulimit -c 0; kill -{signal} $$"), &[]).expect_code(1);
        let ingest = pipeline.ingest_row();
        assert_eq!(ingest.status, "failed");
        assert!(ingest.error_text.contains(&format!("was ended by {name}")), "{}", ingest.error_text);
    }
}

#[test]
fn a_program_that_cannot_be_started_is_a_failed_stage_with_the_reason() {
    let pipeline = Pipeline::new("sub_start");
    std::fs::write(pipeline.path("text"), "no program\n").unwrap();
    let bad_interpreter = pipeline.script("interpreted", "");
    std::fs::write(&bad_interpreter, "#!/no/such/interpreter\n").unwrap();
    let folder = pipeline.path("").display().to_string();
    let text = pipeline.path("text").display().to_string();
    let cases = [
        ("/no/such/program", "there is no such program"),
        ("no-such-program-on-the-path", "there is no such program"),
        (&bad_interpreter, "the interpreter that its first line names is missing"),
        (&text, "it is not executable; `chmod +x`"),
        (&folder, "it is not executable"),
    ];
    for (program, reason) in cases {
        let output = run(&mut pipeline.command(program, &[])).expect_code(1);
        let rows = pipeline.stage_rows();
        let [ingest, elo] = &rows[rows.len() - 2..] else { panic!("two stages") };
        assert_eq!((ingest.status.as_str(), elo.status.as_str()), ("failed", "skipped"));
        assert!(ingest.error_text.contains(&format!("cannot start {program}: ")), "{}", ingest.error_text);
        assert!(ingest.error_text.contains(reason), "{}", ingest.error_text);
        assert!(output.stderr.contains(reason), "{}", output.stderr);
    }
}

#[test]
fn metrics_that_cannot_be_used_are_a_warning() {
    let cases = [
        ("", "the program did not write it"),
        ("echo '{\"records_scanned\": 1' > \"$7\"", "it is no JSON"),
        ("printf '\\377' > \"$7\"", "it is no JSON"),
        ("echo '[1]' > \"$7\"", "it is no JSON object"),
        ("mkdir \"$7\"", "it is no file"),
        ("mkfifo \"$7\"", "it is no file"),
        ("head -c 20000000 /dev/zero > \"$7\"", "it is no file of at most"),
        ("echo '{\"records_scanned\": \"1\"}' > \"$7\"", "records_scanned should be a count, but is \"1\""),
    ];
    for (body, warning) in cases {
        let pipeline = Pipeline::new("sub_metrics");
        let output = pipeline.run_script(body, &[]).expect_code(0);
        assert!(output.stderr.contains(warning), "{}", output.stderr);
        let ingest = pipeline.ingest_row();
        assert_eq!((ingest.status.as_str(), &ingest.metrics["records_scanned"]), ("success", &json!(0)));
        let warnings = ingest.metrics["subprocess"]["warnings"].to_string().replace("\\\"", "\"");
        assert!(warnings.contains(warning), "{warnings}");
        assert!(!output.stdout.contains("no match was written"), "nobody knows: {}", output.stdout);
    }
}

#[test]
fn the_python_scripts_metrics_are_understood() {
    let pipeline = Pipeline::new("sub_python");
    let metrics = json!({
        "started_at": "2026-01-01T00:00:00Z",
        "aggregate": {"tasks_processed": 12, "tasks_completed": 9, "tasks_failed": 3, "timings": {"scrape": 1.25}},
        "note": "a\u{0}b",
    });
    pipeline.run_script(&format!("cat > \"$7\" <<'END'\n{metrics}\nEND"), &[]).expect_code(0);
    let ingest = pipeline.ingest_row();
    let count = |name: &str| ingest.metrics[name].as_u64().unwrap();
    assert_eq!((count("records_scanned"), count("records_processed")), (12, 9));
    assert_eq!((count("records_skipped"), count("records_failed")), (0, 3));
    assert_eq!(ingest.metrics["aggregate"], metrics["aggregate"]);
    assert_eq!(ingest.metrics["note"], "a\u{fffd}b", "PostgreSQL stores no NUL");
    assert!(ingest.metrics["duration_s"].as_f64().unwrap() > 0.0);
}

#[test]
fn any_amount_of_output_goes_to_the_files() {
    let pipeline = Pipeline::new("sub_output");
    let body = format!(
        "head -c 10000000 /dev/zero | tr '\\0' x\nhead -c 10000000 /dev/zero | tr '\\0' y >&2\n{METRICS}"
    );
    pipeline.run_script(&body, &[]).expect_code(0);
    let folder = pipeline.run_folder(&pipeline.only_run().0.run_id).join("current_events_ingest");
    for file in ["stdout.log", "stderr.log"] {
        assert_eq!(std::fs::metadata(folder.join(file)).unwrap().len(), 10_000_000, "{file}");
    }
}

/// Starts helpers of every kind, notes their ids in `pids`, and then does `end`.
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

#[test]
fn at_the_deadline_nothing_of_the_program_survives() {
    let pipeline = run_until_deadline("sub_deadline", &with_helpers("touch $here/ready; sleep 3600"), &[]);
    for pid in pipeline.wait_for("pids").lines() {
        assert!(!is_alive(pid), "process {pid} survived");
    }
    let (row, stages) = pipeline.only_run();
    assert_eq!((row.status.as_str(), row.has_ended), ("timed_out", true));
    assert_eq!(stages, ["current_events_ingest timed_out", "elo_incremental skipped"]);
    assert_eq!(row.summary["deadline_reached"], true);
    assert!(pipeline.ingest_row().error_text.contains("the run's deadline was reached"));
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
    let output = pipeline.run_script(&format!("{METRICS}\n{}", with_helpers("exit 0")), &[]).expect_code(0);
    for pid in pipeline.wait_for("pids").lines() {
        assert!(!is_alive(pid), "process {pid} survived");
    }
    assert!(output.stderr.contains("3 processes that the program had left behind"), "{}", output.stderr);
    assert_eq!(pipeline.only_run().0.status, "success");
}
