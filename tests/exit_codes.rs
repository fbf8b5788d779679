//! Each exit code of the program is produced here once, as `teelo run` or its nearest relative gives it; each test names where the
//! other ways to the same code are tested. The codes are what schedulers and scripts act on, so the documents have them all.

#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::collections::BTreeSet;
use std::path::Path;

use pipeline::{METRICS, Pipeline};
use support::{TestDatabase, TestFolder, run, teelo, teelo_command};
use teelo::error::{
    EXIT_DEADLINE, EXIT_DONE, EXIT_FAILED, EXIT_LOCK_HELD, EXIT_PARTIAL, EXIT_UNREACHABLE, EXIT_USAGE,
};
use teelo::pipeline::lock::key_of_name;

/// Nothing to do is done, too. Elsewhere: every test of a stage, for its second run.
#[test]
fn code_0_done() {
    let database = TestDatabase::new("exit_0");
    for arguments in [&["migrate"][..], &["elo"], &["verify"], &["status"], &["rankings"], &["identities"]] {
        database.teelo(arguments).expect_code(EXIT_DONE.into());
    }
}

/// Elsewhere: run_subprocess.rs (how a program can fail), verify.rs (differences), status.rs (stale), ingest_queue.rs (a file),
/// players_command.rs (given up), migrate.rs, feed_check.rs, devdb.rs (not running).
#[test]
fn code_1_a_required_stage_failed() {
    let pipeline = Pipeline::new("exit_1");
    pipeline.run_script("exit 9", &[]).expect_code(EXIT_FAILED.into());
    assert_eq!(pipeline.only_run().0.status, "failed");
    // And the question that is answered with no.
    let status = pipeline.database.teelo(&["status", "--max-age-minutes", "60"]);
    status.expect_code(EXIT_FAILED.into());
}

/// Elsewhere: cli.rs, run.rs, connections.rs, ingest.rs, elo_stage.rs, players.rs (each flag and variable), migrate.rs (not up to date).
#[test]
fn code_2_usage_or_configuration() {
    teelo(&["run", "--no-such-flag"]).expect_code(EXIT_USAGE.into());
    let pipeline = Pipeline::new("exit_2");
    let mut command = pipeline.command("/bin/true", &[]);
    run(command.env("HOURLY_PIPELINE_MAX_RUNTIME_MINUTES", "long")).expect_code(EXIT_USAGE.into());
    pipeline.expect_nothing_written();
    TestDatabase::empty("exit_2").teelo(&["elo"]).expect_code(EXIT_USAGE.into());
}

/// Elsewhere: run_end_to_end.rs (our own ingest), players_run.rs (the optional stage), elo_stage.rs (a match that cannot be rated),
/// ingest.rs, identity.rs (a name that waits), feed_check.rs.
#[test]
fn code_3_finished_but_records_failed() {
    let pipeline = Pipeline::new("exit_3");
    pipeline.run_script(&format!("{METRICS}\nexit 3"), &[]).expect_code(EXIT_PARTIAL.into());
    assert_eq!(pipeline.only_run().0.status, "partial");
}

/// Elsewhere: connections.rs, connections_tls.rs (each reason), cli.rs (each command's), ingest_queue.rs, run.rs.
#[test]
fn code_69_no_database() {
    let folder = TestFolder::new("exit_69");
    let nobody = format!("postgresql://teelo@/teelo?host={}", folder.path().display());
    for arguments in [&["run", "--stages", "elo_incremental"][..], &["elo"], &["verify"], &["status"]] {
        let mut command = teelo_command(arguments);
        command.current_dir(folder.path()).env("DATABASE_URL", &nobody);
        run(&mut command).expect_code(EXIT_UNREACHABLE.into());
    }
    assert!(!folder.path().join("logs").exists());
}

/// Elsewhere: run.rs (two runs, and the legacy orchestrator's lock), elo_stage.rs and players.rs (a stage's own lock).
#[test]
fn code_75_another_run_holds_the_lock() {
    let pipeline = Pipeline::new("exit_75");
    let mut holder = pipeline.database.client();
    let key = key_of_name("teelo_hourly_pipeline");
    assert!(holder.query_one(include_str!("sql/lock_take.sql"), &[&key]).unwrap().get::<_, bool>(0));
    pipeline.run_script("exit 0", &["--lock-timeout-seconds", "0"]).expect_code(EXIT_LOCK_HELD.into());
    pipeline.expect_nothing_written();
}

/// Elsewhere: run_processes.rs (whatever the program does), players_run.rs (in another stage).
#[test]
fn code_124_the_deadline() {
    let pipeline = Pipeline::new("exit_124");
    let output = pipeline.run_script("while :; do sleep 1; done", &["--max-runtime-minutes", "0.02"]);
    output.expect_code(EXIT_DEADLINE.into());
}

/// The codes at the beginnings of a table's rows.
fn codes_of_table(document: &str, heading: &str) -> BTreeSet<u8> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
    let section = text.split(heading).nth(1).unwrap_or_else(|| panic!("{document}: no {heading}"));
    let section = section.split("\n#").next().unwrap();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok());
    cells.collect()
}

#[test]
fn the_documents_have_every_code() {
    let codes = BTreeSet::from([
        EXIT_DONE,
        EXIT_FAILED,
        EXIT_USAGE,
        EXIT_PARTIAL,
        EXIT_UNREACHABLE,
        EXIT_LOCK_HELD,
        EXIT_DEADLINE,
    ]);
    // A new constant comes with a test above and a place in the list.
    let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/error.rs")).unwrap();
    assert_eq!(source.matches("\npub const EXIT_").count(), codes.len());
    let in_readme = codes_of_table("README.md", "\n## Exit codes\n");
    assert!(in_readme.is_superset(&codes), "{in_readme:?}");
    let failures: BTreeSet<u8> = codes.iter().copied().filter(|code| *code != EXIT_DONE).collect();
    assert!(codes_of_table("docs/OPERATIONS.md", "\n## A failed run\n").is_superset(&failures));
    let help = teelo(&["run", "--help"]).expect_code(0).stdout;
    let said = help.split("Exit codes:").nth(1).unwrap().split("\n\n").next().unwrap();
    for code in codes {
        assert!(
            said.split(|letter: char| !letter.is_ascii_digit()).any(|word| word == code.to_string()),
            "{code}"
        );
    }
}
