//! How `teelo run` calls its ingest program, and what that program's end, output and metrics mean.

#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

use pipeline::{METRICS, Pipeline};
use serde_json::json;
use support::{run, server};

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
    assert!(rows[3].error_text.starts_with(&program), "{}", rows[3].error_text);
}

#[test]
fn rejected_records_make_the_run_partial() {
    let pipeline = Pipeline::new("sub_partial");
    let output =
        pipeline.run_script(&format!("{METRICS}\necho '1 record rejected' >&2; exit 3"), &[]).expect_code(3);
    assert!(output.stderr.contains("1 record rejected"), "{}", output.stderr);
    let (row, stages) = pipeline.only_run();
    assert_eq!(row.status, "partial");
    assert_eq!(stages[..2], ["current_events_ingest partial", "elo_incremental success"]);
    let ingest = pipeline.ingest_row();
    assert!(ingest.error_text.contains("records rejected: 1 (exit code 3)"), "{}", ingest.error_text);
    assert_eq!(ingest.metrics["records_failed"], 1);
}

#[test]
fn an_exit_code_of_another_meaning_is_a_failure() {
    for body in ["exit 3", "echo '{\"records_failed\": 0}' > \"$7\"; exit 3", "exit 75", "exit 255"] {
        let pipeline = Pipeline::new("sub_code");
        pipeline.run_script(body, &[]).expect_code(1);
        let ingest = pipeline.ingest_row();
        assert_eq!(ingest.status, "failed", "{body}");
        let code = body.rsplit(' ').next().unwrap();
        assert!(
            ingest.error_text.ends_with(&format!("failed with exit code {code}")),
            "{}",
            ingest.error_text
        );
    }
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
    for (signal, name) in
        [("KILL", "signal 9 (SIGKILL)"), ("SEGV", "signal 11 (SIGSEGV)"), ("TERM", "signal 15 (SIGTERM)")]
    {
        let pipeline = Pipeline::new("sub_signal");
        pipeline.run_script(&format!("ulimit -c 0; kill -{signal} $$"), &[]).expect_code(1);
        let ingest = pipeline.ingest_row();
        assert_eq!(ingest.status, "failed");
        assert!(ingest.error_text.contains(&format!("was ended by {name}")), "{}", ingest.error_text);
        let number: i64 = name.split(' ').nth(1).unwrap().parse().unwrap();
        let subprocess = &ingest.metrics["subprocess"];
        assert_eq!((&subprocess["exit_code"], &subprocess["signal"]), (&json!(null), &json!(number)));
    }
}

#[test]
fn a_program_that_cannot_be_started_is_a_failed_stage_with_the_reason() {
    let pipeline = Pipeline::new("sub_start");
    std::fs::write(pipeline.path("text"), "no program\n").unwrap();
    let bad_interpreter = pipeline.script("interpreted", "");
    std::fs::write(&bad_interpreter, "#!/no/such/interpreter\n").unwrap();
    let no_first_line = pipeline.script("no-first-line", "");
    std::fs::write(&no_first_line, "exit 0\n").unwrap();
    let folder = pipeline.path("").display().to_string();
    let text = pipeline.path("text").display().to_string();
    let cases = [
        ("/no/such/program", "there is no such program"),
        ("no-such-program-on-the-path", "there is no such program in PATH"),
        (&bad_interpreter, "the interpreter that its first line names is missing"),
        (&text, "it is not executable; `chmod +x`"),
        (&folder, "it is a folder"),
        (&no_first_line, "a script needs a first line such as #!/bin/sh"),
    ];
    for (program, reason) in cases {
        let output = run(&mut pipeline.command(program, &[])).expect_code(1);
        let rows = pipeline.stage_rows();
        let [ingest, elo, _] = &rows[rows.len() - 3..] else { panic!("three stages") };
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
        ("ln -s metrics.json \"$7\"", "symbolic links"),
        ("ln -s nowhere \"$7\"", "the program did not write it"),
        ("printf '%10000s' | tr ' ' '[' > \"$7\"", "it is no JSON"),
        (
            "echo '{\"aggregate\": {\"tasks_processed\": 1}}' > \"$7\"",
            "missing: records_processed, records_failed",
        ),
        ("head -c 20000000 /dev/zero > \"$7\"", "it is no file of at most"),
        ("echo '{\"records_scanned\": \"1\"}' > \"$7\"", "records_scanned should be a count, but is \"1\""),
    ];
    for (body, warning) in cases {
        let pipeline = Pipeline::new("sub_metrics");
        let output = pipeline.run_script(body, &[]).expect_code(0);
        assert!(output.stderr.contains(warning), "{}", output.stderr);
        let ingest = pipeline.ingest_row();
        assert_eq!((ingest.status.as_str(), &ingest.metrics["records_failed"]), ("success", &json!(0)));
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

#[test]
fn a_program_in_path_is_named_and_a_folder_that_cannot_be_searched_is_no_program() {
    // As an ordinary user whom the server lets in: nothing is closed to root. The program must be where that user can reach it.
    let pipeline = Pipeline::new("sub_path");
    let folder = std::env::temp_dir().join(format!("teelo-path-{}", std::process::id()));
    let user = server().log_path().metadata().unwrap();
    let below = |name: &str, mode: u32| {
        let path = folder.join(name);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let (program, closed, open) = (below("", 0o755).join("teelo"), below("closed", 0), below("open", 0o755));
    let work = below("work", 0o755);
    chown(&work, Some(user.uid()), Some(user.gid())).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_teelo"), &program).unwrap();
    std::fs::write(open.join("text"), "").unwrap();
    std::fs::write(open.join("interpreted"), "#!/no/such/interpreter\n").unwrap();
    std::fs::set_permissions(open.join("interpreted"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}:/bin:/usr/bin", closed.display(), open.display());
    let call = |name: &str| {
        let mut command = Command::new(&program);
        command.args(["run", "--json"]).env_clear().env("PATH", &path).current_dir(&work);
        command.env("DATABASE_URL", pipeline.database.url()).env("UPDATE_CURRENT_EVENTS_COMMAND", name);
        if rustix::process::geteuid().is_root() {
            command.uid(user.uid()).gid(user.gid());
        }
        let summary: serde_json::Value =
            serde_json::from_str(&run(&mut command).expect_code(1).stdout).unwrap();
        summary["stages"][0]["error_text"].as_str().unwrap().to_owned()
    };
    let missing =
        format!("there is no such program in PATH; this user may not look into {}", closed.display());
    assert_eq!(call("no-such-program"), format!("cannot start no-such-program: {missing}"));
    let found = |name: &str| format!("cannot start {name}: {} was found: ", open.join(name).display());
    assert_eq!(call("text"), found("text") + "it is not executable; `chmod +x` makes a script so");
    let interpreted = call("interpreted");
    assert_eq!(interpreted, found("interpreted") + "the interpreter that its first line names is missing");
    let behind = format!("{}/program", closed.display());
    assert_eq!(call(&behind), format!("cannot start {behind}: this user may not look into its folder"));
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}
