//! `teelo prune`: what is old goes, from tables and folders, and nothing else; also at the end of a run.

#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::path::Path;

use pipeline::{METRICS, Pipeline};
use serde_json::{Value, json};
use support::{TestDatabase, TestFolder, run, teelo};
use teelo::pipeline::artifacts::Root;
use teelo::pipeline::prune;
use time::macros::datetime;

fn left(database: &TestDatabase) -> Vec<String> {
    let rows = database.client().query(include_str!("sql/prune_left.sql"), &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Makes a file below `root`, with its folders.
fn make(root: &Path, path: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "x").unwrap();
}

/// Every file below `root`, relative to it, and every folder that is empty.
fn tree(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        let shown = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
        if entries.is_empty() {
            found.push(format!("{}/", shown(&folder)));
        }
        for path in entries {
            let is_folder = path.is_dir() && !path.is_symlink();
            if is_folder { folders.push(path) } else { found.push(shown(&path)) }
        }
    }
    found.sort();
    found
}

/// What stays of [`ALL`]: what is new, is on, belongs to a row that stays, or is not a run's.
const KEPT: [&str; 8] = [
    "2026/01/03/20260103T000000Z-00000001/summary.json",
    "2026/01/10/20260110T000000Z-00000001/summary.json",
    "2026/01/20260105T000000Z-00000001/not so deep",
    "2026/notes.txt",
    "20260104T000000Z-00000002/summary.json",
    "20260110T000001Z-00000001/summary.json",
    "20260105T000000Z-0000000X/not a run",
    "backup/20260105T000000Z-00000001/summary.json",
];
/// What goes, in both layouts.
const OLD: [&str; 4] = [
    "2025/12/31/20251231T235959Z-0123abcd/current_events_ingest/stdout.log",
    "2026/01/03/20260103T000000Z-00000009/summary.json",
    "20260105T000000Z-00000001/summary.json",
    "20260109T235959Z-00000001/summary.json",
];

#[test]
fn what_is_old_goes_and_nothing_else() {
    let (database, folder) = (TestDatabase::new("prune_rows"), TestFolder::new("prune_rows"));
    database.client().batch_execute(include_str!("sql/prune_rows.sql")).unwrap();
    KEPT.iter().chain(&OLD).for_each(|path| make(folder.path(), path));
    let outside = TestFolder::new("prune_outside");
    make(outside.path(), "20260101T000000Z-00000001/summary.json");
    std::os::unix::fs::symlink(outside.path(), folder.path().join("2024")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("20240101T000000Z-00000001")).unwrap();
    let mut kept: Vec<String> = KEPT.map(str::to_owned).to_vec();
    kept.extend(["2024".to_owned(), "20240101T000000Z-00000001".to_owned()]);
    kept.sort();

    let prune = |dry_run| {
        let root = Root::Dated(folder.path().to_owned());
        prune::run(&mut database.client(), &root, 10, datetime!(2026-01-20 00:00 UTC), dry_run).unwrap()
    };
    let (rows, files) = (left(&database), tree(folder.path()));
    let would = prune(true);
    assert_eq!((left(&database), tree(folder.path())), (rows, files), "a dry run removes nothing");
    let done = prune(false);
    for pruned in [&would, &done] {
        assert_eq!((pruned.runs, pruned.stage_runs, pruned.log_entries, pruned.tasks), (2, 4, 1, 2));
        assert_eq!((pruned.folders.len(), &pruned.failures), (4, &Vec::new()), "{pruned:?}");
    }
    assert_eq!(would.folders, done.folders);
    assert_eq!(tree(folder.path()), kept, "empty folders of days and years go, too");
    assert_eq!(tree(outside.path()), ["20260101T000000Z-00000001/summary.json"], "links are not followed");
    assert_eq!(
        left(&database),
        [
            "log player_merge 2026-01-11",
            "log rankings_scrape 2026-01-01",
            "review decided",
            "run 20260103T000000Z-00000001",
            "run 20260104T000000Z-00000002",
            "run new",
            "stages of 20260103T000000Z-00000001",
            "stages of 20260104T000000Z-00000002",
            "stages of new",
            "task failed again completed",
            "task failed again failed",
            "task failed failed",
            "task in progress in_progress",
            "task of others completed",
            "task pending pending",
            "task retry retry",
            "task without a name completed",
        ]
    );
    assert!(prune(false).is_nothing(), "the second time there is nothing to do");
}

#[test]
fn the_command_tells_what_it_removes() {
    let pipeline = Pipeline::new("prune_command");
    let database = &pipeline.database;
    pipeline.run_script(METRICS, &[]).expect_code(0);
    database.client().batch_execute(include_str!("sql/prune_rows.sql")).unwrap();
    let root = pipeline.path("artifacts");
    make(&root, OLD[0]);
    let prune = |arguments: &[&str]| {
        let mut command = database.command(&[&["prune"], arguments].concat());
        command.env("TEELO_ARTIFACTS_DIR", &root);
        command
    };
    let output = run(&mut prune(&["--keep-days", "3", "--dry-run"])).expect_code(0);
    let old = root.join("2025/12/31/20251231T235959Z-0123abcd");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines[0], format!("would remove {}", old.display()));
    let counts = "1 run folders, 4 runs with 8 stages, 4 finished tasks, 2 log entries";
    assert!(lines[1].starts_with("prune: would remove what is older than 20"), "{}", output.stdout);
    assert!(lines[1].ends_with(counts) && lines.len() == 2, "{}", output.stdout);
    assert!(old.is_dir());
    let output = run(prune(&["--json"]).env("TEELO_KEEP_DAYS", "3")).expect_code(0);
    let json: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (&json["schema_version"], &json["dry_run"], &json["runs"]),
        (&json!(1), &json!(false), &json!(4))
    );
    assert_eq!(json["folders"], json!([old]));
    assert!(!root.join("2025").exists());
    let output = run(&mut prune(&["--keep-days", "3"])).expect_code(0);
    assert!(output.stdout.starts_with("prune: nothing is older than 20"), "{}", output.stdout);
    let rows = pipeline.run_rows();
    let ids: Vec<&str> = rows.iter().map(|row| row.run_id.as_str()).collect();
    assert_eq!(ids[1..], ["20260103T000000Z-00000001"], "the run of today and the one that is on");
    assert!(pipeline.run_folder(ids[0]).is_dir());
}

#[test]
fn a_folder_that_cannot_be_removed_is_told() {
    let (database, folder) = (TestDatabase::new("prune_failure"), TestFolder::new("prune_failure"));
    // Not even root can list a file as if it were a folder.
    make(folder.path(), "logs/pipeline");
    let mut command = database.command(&["prune", "--keep-days", "1"]);
    let refused = run(command.current_dir(folder.path())).expect_code(2);
    assert!(refused.stderr.contains("logs/pipeline is no folder"), "{}", refused.stderr);
    let root = Root::Flat(folder.path().join("logs/pipeline"));
    let pruned =
        prune::run(&mut database.client(), &root, 1, datetime!(2026-01-20 00:00 UTC), false).unwrap();
    assert!(pruned.failures.len() == 1 && pruned.failures[0].contains("logs/pipeline: "), "{pruned:?}");
}

#[test]
fn a_run_prunes_at_its_end_when_told_how_long_runs_are_kept() {
    let pipeline = Pipeline::new("prune_run");
    pipeline.database.client().batch_execute(include_str!("sql/prune_rows.sql")).unwrap();
    make(&pipeline.path("artifacts"), OLD[0]);
    pipeline.run_script(METRICS, &[]).expect_code(0);
    assert_eq!(pipeline.run_rows().len(), 6, "without being told it keeps everything");
    let script = pipeline.script("ingest.sh", METRICS);
    let output = run(pipeline.command(&script, &[]).env("TEELO_KEEP_DAYS", "3")).expect_code(0);
    assert_eq!(output.stderr, "");
    let statuses: Vec<String> = pipeline.run_rows().into_iter().map(|row| row.status).collect();
    assert_eq!(statuses, ["abandoned", "success", "success"], "what has just been abandoned is not old");
    assert!(!pipeline.path("artifacts/2025").exists());
}

#[test]
fn a_run_succeeds_although_nothing_can_be_pruned() {
    let pipeline = Pipeline::new("prune_run_fails");
    let script = pipeline.script("ingest.sh", METRICS);
    let mut blocker = pipeline.database.client();
    blocker.batch_execute(include_str!("sql/prune_block.sql")).unwrap();
    let output = run(pipeline.command(&script, &[]).env("TEELO_KEEP_DAYS", "3")).expect_code(0);
    let warning = "old runs were not removed (TEELO_KEEP_DAYS): removing old rows: ";
    assert!(output.stderr.contains(warning) && output.stderr.contains("55P03"), "{}", output.stderr);
    assert_eq!(pipeline.only_run().0.status, "success");
}

#[test]
fn how_long_is_a_number_of_days() {
    let database = TestDatabase::new("prune_usage");
    for days in ["0", "-1", "36501", "1.5", "all", ""] {
        let refused = database.teelo(&["prune", "--keep-days", days]).expect_code(2);
        assert!(
            refused.stderr.contains("expected a whole number of days from 1 to 36500"),
            "{}",
            refused.stderr
        );
    }
    assert!(teelo(&["prune"]).expect_code(2).stderr.contains("Give --keep-days N, or set TEELO_KEEP_DAYS"));
    let pipeline = Pipeline::new("prune_usage_run");
    let script = pipeline.script("ingest.sh", METRICS);
    let refused = run(pipeline.command(&script, &[]).env("TEELO_KEEP_DAYS", "0")).expect_code(2);
    assert!(refused.stderr.contains("TEELO_KEEP_DAYS: 0 is not valid"), "{}", refused.stderr);
    pipeline.expect_nothing_written();
}
