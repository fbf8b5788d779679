//! The queue behind `teelo ingest`: files that fail, workers that die, what the command line and the feed may get wrong.

#[path = "support/feed.rs"]
mod feed;
mod support;

use std::path::Path;

use feed::{HEADER, record, result, write};
use support::{Output, TestDatabase, TestFolder, teelo};
use teelo::pipeline::lock::key_of_name;

fn ingest(database: &TestDatabase, feed: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["ingest", "--feed", feed.to_str().unwrap(), "--quiet-worker-logs"];
    arguments.extend(more);
    database.teelo(&arguments)
}

/// (file, status, attempts, seconds until the next attempt) of each task, and its error.
type TaskRow = ((String, String, i32, Option<i32>), Option<String>);

fn tasks(database: &TestDatabase) -> Vec<TaskRow> {
    let rows = database.client().query(include_str!("sql/ingest_tasks.sql"), &[]).unwrap();
    rows.iter()
        .map(|row| {
            let name = row.get::<_, Option<String>>("file_name").unwrap_or_default();
            ((name, row.get("status"), row.get("attempts"), row.get("retry_s")), row.get("last_error"))
        })
        .collect()
}

fn task(name: &str, status: &str, attempts: i32, retry_s: Option<i32>) -> (String, String, i32, Option<i32>) {
    (name.to_owned(), status.to_owned(), attempts, retry_s)
}

fn count_matches(database: &TestDatabase) -> usize {
    database.client().query(include_str!("sql/ingest_matches.sql"), &[]).unwrap().len()
}

#[test]
fn a_file_that_fails_is_tried_three_times_and_stops_no_other() {
    let (database, feed) = (TestDatabase::new("fails"), TestFolder::new("fails"));
    let bad = "atp_matches_2023.csv";
    std::fs::write(feed.path().join(bad), HEADER.replace("round", "rounds")).unwrap();
    write(feed.path(), "atp_matches_2024.csv", &[record(&[])]);

    let output = ingest(&database, feed.path(), &[]).expect_code(1);
    assert!(
        output.stderr.contains(&format!("{bad}: the header (line 1) lacks the required column round")),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("tried again after 20"), "{}", output.stderr);
    assert!(
        output.stdout.contains("1 files, 1 rows: 1 matches new") && output.stdout.contains("1 files failed"),
        "{}",
        output.stdout
    );
    assert_eq!(tasks(&database)[0].0, task(bad, "retry", 1, Some(300)));

    let output = ingest(&database, feed.path(), &[]).expect_code(0);
    assert!(output.stdout.contains("1 failed and wait for their next attempt"), "{}", output.stdout);
    for (attempt, expected) in [(2, task(bad, "retry", 2, Some(600))), (3, task(bad, "failed", 3, None))] {
        database.client().batch_execute(include_str!("sql/ingest_retry_now.sql")).unwrap();
        ingest(&database, feed.path(), &[]).expect_code(1);
        assert_eq!(tasks(&database)[0].0, expected, "attempt {attempt}");
    }
    assert!(tasks(&database)[0].1.as_ref().unwrap().contains("required column round"), "the error is kept");
    let output = ingest(&database, feed.path(), &[]).expect_code(0);
    assert!(output.stderr.contains("failed for good and has not changed since"), "{}", output.stderr);
    assert!(output.stdout.contains("1 failed for good"), "{}", output.stdout);
    assert_eq!(tasks(&database).len(), 2);

    write(feed.path(), bad, &[result(1, 2, "F", "6-0 6-0")]);
    ingest(&database, feed.path(), &[]).expect_code(0);
    assert_eq!(tasks(&database)[2].0, task(bad, "completed", 0, None));
    assert_eq!(count_matches(&database), 2);
    let output = ingest(&database, feed.path(), &[]).expect_code(0);
    assert!(output.stdout.contains("nothing to do: 2 files have not changed"), "{}", output.stdout);
}

#[test]
fn a_waiting_file_that_changes_is_due_at_once() {
    let (database, feed) = (TestDatabase::new("repaired"), TestFolder::new("repaired"));
    std::fs::write(feed.path().join("atp_matches_2024.csv"), "").unwrap();
    let output = ingest(&database, feed.path(), &[]).expect_code(1);
    assert!(output.stderr.contains("it is empty; expected a header line"), "{}", output.stderr);
    write(feed.path(), "atp_matches_2024.csv", &[record(&[])]);
    ingest(&database, feed.path(), &[]).expect_code(0);
    assert_eq!(tasks(&database).len(), 1);
    assert_eq!(tasks(&database)[0], (task("atp_matches_2024.csv", "completed", 0, None), None));
}

#[test]
fn an_unreadable_file_fails_alone() {
    let (database, feed) = (TestDatabase::new("unreadable"), TestFolder::new("unreadable"));
    std::os::unix::fs::symlink("nowhere", feed.path().join("atp_matches_2023.csv")).unwrap();
    write(feed.path(), "atp_matches_2024.csv", &[record(&[])]);
    let output = ingest(&database, feed.path(), &[]).expect_code(1);
    assert!(output.stderr.contains("atp_matches_2023.csv: opening it: No such file"), "{}", output.stderr);
    assert_eq!(count_matches(&database), 1);
}

#[test]
fn a_file_that_is_gone_fails_its_waiting_task() {
    let (database, feed) = (TestDatabase::new("gone"), TestFolder::new("gone"));
    std::fs::write(feed.path().join("atp_matches_2023.csv"), "").unwrap();
    ingest(&database, feed.path(), &[]).expect_code(1);
    std::fs::remove_file(feed.path().join("atp_matches_2023.csv")).unwrap();
    database.client().batch_execute(include_str!("sql/ingest_retry_now.sql")).unwrap();
    let output = ingest(&database, feed.path(), &[]).expect_code(1);
    assert!(output.stderr.contains("opening it: No such file"), "{}", output.stderr);
}

#[test]
fn a_task_whose_worker_died_is_taken_back_and_others_tasks_are_left_alone() {
    let (database, feed) = (TestDatabase::new("orphan"), TestFolder::new("orphan"));
    write(feed.path(), "atp_matches_2023.csv", &[record(&[("tourney_id", "2023-1")])]);
    write(feed.path(), "atp_matches_2024.csv", &[record(&[])]);
    ingest(&database, feed.path(), &[]).expect_code(0);
    database.client().batch_execute(include_str!("sql/ingest_orphan.sql")).unwrap();

    // The worker of the first task lives: its session holds the lock.
    let mut worker = database.client();
    let class = (key_of_name("teelo_ingest_task") >> 32) as i32;
    worker.query(include_str!("sql/ingest_task_lock.sql"), &[&class]).unwrap();
    ingest(&database, feed.path(), &["--workers", "4"]).expect_code(0);
    let other = task("", "pending", 0, None);
    let (first, second) = ("atp_matches_2023.csv", "atp_matches_2024.csv");
    let states = |database| tasks(database).into_iter().map(|row| row.0).collect::<Vec<_>>();
    assert_eq!(
        states(&database),
        [task(first, "in_progress", 0, None), task(second, "completed", 0, None), other.clone()]
    );

    worker.close().unwrap();
    ingest(&database, feed.path(), &[]).expect_code(0);
    assert_eq!(
        states(&database),
        [task(first, "completed", 0, None), task(second, "completed", 0, None), other.clone()]
    );
    assert_eq!(count_matches(&database), 2);

    database.client().batch_execute(include_str!("sql/ingest_orphan.sql")).unwrap();
    ingest(&database, feed.path(), &["--clear-queue"]).expect_code(0);
    let states = states(&database);
    assert_eq!(states.len(), 4, "two tasks dropped, two queued anew: {states:?}");
    assert!(states[2..].iter().all(|state| state.1 == "completed"), "{states:?}");
}

#[test]
fn trouble_of_the_server_costs_a_file_no_attempt() {
    let (database, feed) = (TestDatabase::new("trouble"), TestFolder::new("trouble"));
    for year in 2020..2024 {
        let id = format!("{year}-1");
        write(feed.path(), &format!("atp_matches_{year}.csv"), &[record(&[("tourney_id", &id)])]);
    }
    database.client().batch_execute(include_str!("sql/ingest_disk_full.sql")).unwrap();
    let output = ingest(&database, feed.path(), &["--workers", "1"]).expect_code(1);
    assert!(output.stderr.contains("the disk is full (SQLSTATE 53100)"), "{}", output.stderr);
    assert_eq!(output.stderr.matches("SQLSTATE").count(), 1, "told once: {}", output.stderr);
    assert!(tasks(&database).iter().all(|(task, _)| task.2 == 0), "{:?}", tasks(&database));
    database.client().batch_execute(include_str!("sql/ingest_disk_free.sql")).unwrap();
    ingest(&database, feed.path(), &[]).expect_code(0);
    assert_eq!(count_matches(&database), 4);
}

#[test]
fn an_existing_teelo_database_takes_archives_too() {
    let (database, feed) = (TestDatabase::empty("adopted"), TestFolder::new("adopted"));
    let mut client = database.client();
    client.batch_execute(include_str!("sql/teelo_tables.sql")).unwrap();
    client.batch_execute(include_str!("sql/teelo_rows.sql")).unwrap();
    database.teelo(&["migrate"]).expect_code(0);
    write(
        feed.path(),
        "atp_matches_2024.csv",
        &[result(1, 2, "F", "6-0 6-0"), result(3, 4, "SF", "6-0 6-0")],
    );
    let output = ingest(&database, feed.path(), &[]).expect_code(0);
    assert!(output.stdout.contains("2 matches new"), "{}", output.stdout);
    let output = ingest(&database, feed.path(), &[]).expect_code(0);
    assert!(output.stdout.contains("nothing to do"), "{}", output.stdout);
}

#[test]
fn a_moved_feed_is_known_by_name_and_content() {
    let (database, folder) = (TestDatabase::new("moved_feed"), TestFolder::new("moved_feed"));
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    for feed in [&first, &second] {
        std::fs::create_dir(feed).unwrap();
        write(feed, "atp_matches_2024.csv", &[record(&[])]);
    }
    ingest(&database, &first, &[]).expect_code(0);
    let output = ingest(&database, &second, &[]).expect_code(0);
    assert!(output.stdout.contains("nothing to do"), "{}", output.stdout);
    // Two feeds with different files of one name do not take turns for ever.
    write(&second, "atp_matches_2024.csv", &[record(&[("score", "7-5 7-5")])]);
    let both = ["--feed", first.to_str().unwrap()];
    let output = ingest(&database, &second, &both).expect_code(0);
    assert!(output.stdout.contains("0 matches new, 1 changed"), "{}", output.stdout);
    for _ in 0..2 {
        let output = ingest(&database, &second, &both).expect_code(0);
        assert!(output.stdout.contains("nothing to do: 2 files"), "{}", output.stdout);
    }
}

#[test]
fn wrong_settings_are_named() {
    let (database, feed) = (TestDatabase::empty("settings"), TestFolder::new("settings"));
    let text = feed.path().to_str().unwrap();
    let missing = feed.path().join("missing").display().to_string();
    let file = feed.path().join("file").display().to_string();
    std::fs::write(&file, "").unwrap();
    let wrong: &[(&[&str], &str)] = &[
        (&["ingest"], "no feed folder: give one with --feed DIR, or set TEELO_FEED_DIRS"),
        (&["ingest", "--feed", &missing], "missing: No such file or directory"),
        (&["ingest", "--feed", &file], "file: it is not a folder"),
        (
            &["ingest", "--feed", text, "--workers", "0"],
            "--workers: 0 is not valid; expected a whole number from 1 to 64",
        ),
        (&["ingest", "--feed", text, "--workers", "two"], "--workers: \"two\" is not valid"),
        (&["ingest", "--feed", text, "--tours", "ATP,ETP"], "--tours: \"ETP\" is no tour; expected ATP, WTA"),
        (&["ingest", "--feed", text, "--tours", ","], "--tours: the list is empty"),
        (
            &["ingest", "--feed", text, "--from", "2024-13-01"],
            "--from: \"2024-13-01\" is not valid; expected a date, YYYY-MM-DD",
        ),
        (
            &["ingest", "--feed", text, "--from", "2024-02-01", "--until", "2024-01-01"],
            "--from 2024-02-01 is after --until 2024-01-01",
        ),
        (&["ingest", "--feed"], "--feed needs a value"),
        (&["ingest", "--feeds", text], "unknown flag --feeds; `teelo ingest --help`"),
        (&["ingest", text], "unexpected argument"),
    ];
    for (arguments, expected) in wrong {
        let output = database.teelo(arguments).expect_code(2);
        assert!(output.stderr.contains(expected), "{arguments:?}: {}", output.stderr);
        assert_eq!(output.stdout, "", "{arguments:?}");
    }
    let output = teelo(&["ingest", "--feed", text]).expect_code(2);
    assert!(output.stderr.contains("DATABASE_URL is not set"), "{}", output.stderr);
    let output = database.teelo(&["ingest", "--feed", text]);
    assert!(output.stderr.contains("teelo migrate"), "{}", output.stderr);
}

#[test]
fn the_variable_names_the_feeds() {
    let (database, first, second) =
        (TestDatabase::new("variable"), TestFolder::new("one"), TestFolder::new("two"));
    write(first.path(), "atp_matches_2023.csv", &[record(&[("tourney_id", "2023-1")])]);
    write(second.path(), "atp_matches_2024.csv", &[record(&[])]);
    let mut command = database.command(&["ingest"]);
    command.env("TEELO_FEED_DIRS", format!("{}:{}", first.path().display(), second.path().display()));
    let output = support::run(&mut command).expect_code(0);
    assert!(output.stdout.contains("2 files, 2 rows"), "{}", output.stdout);
    let output = ingest(&database, TestFolder::new("empty").path(), &[]).expect_code(0);
    assert!(output.stdout.contains("nothing to do: no match archive"), "{}", output.stdout);
}

#[test]
fn an_unreachable_database_leaves_metrics_behind() {
    let feed = TestFolder::new("unreachable");
    let metrics = feed.path().join("metrics.json");
    let mut command = support::teelo_command(&[
        "ingest",
        "--feed",
        feed.path().to_str().unwrap(),
        "--metrics-json",
        metrics.to_str().unwrap(),
    ]);
    command.env("DATABASE_URL", format!("postgresql://teelo@/teelo?host={}", feed.path().display()));
    let output = support::run(&mut command).expect_code(69);
    assert!(output.stderr.contains("cannot connect to the database"), "{}", output.stderr);
    let numbers: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(metrics).unwrap()).unwrap();
    assert_eq!((&numbers["status"], &numbers["records_scanned"]), (&"failed".into(), &0.into()));
    assert!(numbers["error"].as_str().unwrap().contains("cannot connect"));
}
