//! Diagnostics: priorities under systemd, how many lines a clean run writes, `--quiet`, and RUST_LOG.

#[path = "support/feed.rs"]
mod feed;
#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::process::Command;

use feed::{record, write};
use pipeline::{METRICS, Pipeline};
use support::{TestDatabase, TestFolder, run, teelo_command};

/// What every test here sets to be under systemd.
const JOURNAL: (&str, &str) = ("JOURNAL_STREAM", "8:123456");

#[test]
fn under_systemd_every_line_carries_its_priority() {
    let pipeline = Pipeline::new("logs_journal");
    let script =
        pipeline.script("ingest.sh", "echo one >&2; echo \"$JOURNAL_STREAM\" >&2; echo two >&2; exit 1");
    let mut command = pipeline.command(&script, &[]);
    let output = run(command.env(JOURNAL.0, JOURNAL.1)).expect_code(1);
    let lines: Vec<&str> = output.stderr.lines().collect();
    assert!(lines[0].starts_with("<4>current_events_ingest: no metrics: "), "{lines:?}");
    assert!(
        lines[1].starts_with("<3>current_events_ingest: ") && lines[1].contains("exit code 1"),
        "{lines:?}"
    );
    // The program's own output goes to a file: it is not told of the journal.
    assert_eq!(lines[2..], ["<3>one", "<3>two"]);
    let (row, _) = pipeline.only_run();
    let log = pipeline.run_folder(&row.run_id).join("current_events_ingest/stderr.log");
    assert_eq!(std::fs::read_to_string(log).unwrap(), "one\n\ntwo\n");

    let database = TestDatabase::empty("logs_journal");
    let output = run(database.command(&["migrate"]).env(JOURNAL.0, JOURNAL.1)).expect_code(0);
    assert!(output.stderr.lines().count() > 3, "{}", output.stderr);
    assert!(output.stderr.lines().all(|line| line.starts_with("<6>applied 0")), "{}", output.stderr);
    assert!(!output.stdout.contains('<'), "results have no priority: {}", output.stdout);
    let output = run(database.command(&["migrate", "--frob"]).env(JOURNAL.0, JOURNAL.1)).expect_code(2);
    assert_eq!(output.stderr, "<3>teelo: unknown flag --frob; `teelo migrate --help` lists what it takes\n");
    let output =
        run(database.command(&["migrate"]).env(JOURNAL.0, "").env("RUST_LOG", "debug")).expect_code(0);
    assert!(!output.stderr.contains('<'), "an empty variable is not set: {}", output.stderr);
}

#[test]
fn a_clean_run_writes_at_most_five_lines() {
    let pipeline = Pipeline::new("logs_clean");
    let feed = TestFolder::new("logs_clean_feed");
    write(feed.path(), "atp_matches_2024.csv", &[record(&[])]);
    for _ in 0..2 {
        let mut command = pipeline.command("", &["--textfile", "teelo.prom"]);
        command.env_remove("UPDATE_CURRENT_EVENTS_COMMAND").env("TEELO_FEED_DIRS", feed.path());
        command.env("TEELO_HOOK_SUCCESS", "true").env("TEELO_KEEP_DAYS", "30").env(JOURNAL.0, JOURNAL.1);
        let output = run(&mut command).expect_code(0);
        assert_eq!(output.stderr, "");
        let count = output.stdout.lines().count();
        assert!((1..=5).contains(&count), "{}", output.stdout);
    }
}

#[test]
fn quiet_is_nothing_but_what_goes_wrong() {
    let pipeline = Pipeline::new("logs_quiet");
    let script = pipeline.script("ingest.sh", METRICS);
    let quiet = run(&mut pipeline.command(&script, &["--quiet"])).expect_code(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let failing = pipeline.script("failing.sh", "exit 1");
    let quiet = run(&mut pipeline.command(&failing, &["--quiet"])).expect_code(1);
    assert_eq!(quiet.stdout, "");
    assert!(quiet.stderr.contains("WARN") && quiet.stderr.contains("ERROR"), "{}", quiet.stderr);
    let json = run(&mut pipeline.command(&script, &["--quiet", "--json"])).expect_code(0);
    assert!(json.stdout.starts_with('{'), "{}", json.stdout);

    // --rebuild says so, at level info.
    let elo = |arguments: &[&str]| {
        pipeline.database.teelo(&[&["elo", "--rebuild"], arguments].concat()).expect_code(0)
    };
    assert!(elo(&[]).stderr.contains("rating every match again") && !elo(&[]).stdout.is_empty());
    let quiet = elo(&["--quiet"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));

    let feed = TestFolder::new("logs_quiet_feed");
    let ingest = |arguments: &[&str]| {
        let mut command: Command = pipeline.database.command(&[&["ingest"], arguments].concat());
        run(command.current_dir(pipeline.path("")).env("TEELO_FEED_DIRS", feed.path()))
    };
    write(feed.path(), "atp_matches_2024.csv", &[record(&[])]);
    let quiet = ingest(&["--quiet"]).expect_code(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    write(
        feed.path(),
        "atp_matches_2023.csv",
        &[record(&[("loser_id", "100"), ("tourney_date", "20230109")])],
    );
    let rejected = ingest(&["--quiet"]).expect_code(3);
    assert!(rejected.stdout.contains("rejected: "), "{}", rejected.stdout);
}

#[test]
fn rust_log_chooses_the_level() {
    let level = |value: Option<&str>, arguments: &[&str]| {
        let database = TestDatabase::empty("logs_level");
        let mut command = database.command(&[&["migrate"], arguments].concat());
        if let Some(value) = value {
            command.env("RUST_LOG", value);
        }
        run(&mut command).expect_code(0).stderr
    };
    assert!(level(None, &[]).contains("INFO ] applied 0001_check_existing_tables"));
    assert!(level(Some(""), &[]).contains("INFO ] applied 0001"), "an empty variable is not set");
    assert!(level(Some("info"), &[]).contains("applied 0001"));
    assert_eq!(level(Some("warn"), &[]), "");
    assert_eq!(level(Some("off"), &[]), "");
    assert!(level(Some("warn,teelo=info"), &[]).contains("applied 0001"));
}

#[test]
fn quiet_hides_progress_also_on_a_terminal() {
    let database = TestDatabase::new("logs_progress");
    database.client().batch_execute(include_str!("sql/rankings_fixture.sql")).unwrap();
    let on_terminal = |arguments: &str| {
        let program = format!("'{}' elo --rebuild {arguments}", env!("CARGO_BIN_EXE_teelo"));
        let mut script = Command::new("script");
        script.args(["-qec", &program, "/dev/null"]).env("DATABASE_URL", database.url());
        run(script.stdin(std::process::Stdio::null())).expect_code(0).stdout
    };
    assert!(on_terminal("").contains("\u{1b}[2K"), "{:?}", on_terminal(""));
    assert_eq!(on_terminal("--quiet"), "");
    assert!(run(&mut teelo_command(&["run", "--help"])).stdout.contains("  --quiet  "));
}
