//! `teelo ingest`, killed, with other numbers of workers, and several at once: always the same content, and the same
//! relative order of ids, which enters the ratings.

mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::{TestDatabase, TestFolder};
use teelo::demo::season::{Options, Season};
use time::macros::date;

/// A made-up history of several files; returns how many rows it holds.
fn write_season(folder: &Path) -> u64 {
    let options =
        Options { players: 320, tour_events: 1, challengers: 1, futures: 1, years: 2, ..Options::default() };
    Season::new(7, options).write_archives(folder, date!(2026 - 02 - 15)).unwrap()
}

fn command(database: &TestDatabase, feed: &Path, workers: &str) -> Command {
    let rejects = feed.with_extension("rejects.jsonl");
    let mut command = database.command(&[
        "ingest",
        "--feed",
        feed.to_str().unwrap(),
        "--workers",
        workers,
        "--rejects-jsonl",
        rejects.to_str().unwrap(),
    ]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn content(database: &TestDatabase) -> Vec<String> {
    let rows = database.client().query(include_str!("sql/ingest_content.sql"), &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Starts the program and kills it when it has told of a few steps and some moments have passed. Returns false when it was
/// done before.
fn kill_on_the_way(database: &TestDatabase, feed: &Path, number: usize) -> bool {
    let status = feed.with_extension(format!("{number}.jsonl"));
    let mut child = command(database, feed, "3").arg("--status-jsonl").arg(&status).spawn().unwrap();
    let mut done = false;
    support::wait_until("the first steps", || {
        done = child.try_wait().unwrap().is_some();
        let steps = std::fs::read_to_string(&status).map_or(0, |text| text.lines().count());
        done || steps > 1 + number % 5
    });
    std::thread::sleep(Duration::from_millis(number as u64 * 13 % 60));
    // One that has ended meanwhile cannot be killed any more.
    let _ = child.kill();
    let ended = child.wait().unwrap();
    std::fs::remove_file(&status).unwrap();
    assert!(ended.success() || ended.code().is_none(), "{ended}");
    !done
}

#[track_caller]
fn assert_same(left: &[String], right: &[String], what: &str) {
    if let Some((left, right)) = left.iter().zip(right).find(|(left, right)| left != right) {
        panic!("{what}: first difference\n  {left}\n  {right}");
    }
    assert_eq!(left.len(), right.len(), "{what}");
}

#[test]
fn content_and_order_do_not_depend_on_workers_crashes_or_company() {
    let feed = TestFolder::new("season");
    let rows = write_season(feed.path());
    let undisturbed = TestDatabase::new("undisturbed");
    assert!(command(&undisturbed, feed.path(), "1").status().unwrap().success());
    let expected = content(&undisturbed);
    assert_eq!(expected.iter().filter(|line| line.starts_with("match|")).count() as u64, rows);
    assert!(expected.iter().filter(|line| line.starts_with("file|")).count() > 5);

    let many = TestDatabase::new("many");
    assert!(command(&many, feed.path(), "6").status().unwrap().success());
    assert_same(&expected, &content(&many), "six workers");

    let company = TestDatabase::new("company");
    let mut running: Vec<Child> =
        (0..3).map(|_| command(&company, feed.path(), "2").spawn().unwrap()).collect();
    for child in &mut running {
        assert!(child.wait().unwrap().success());
    }
    assert_same(&expected, &content(&company), "three processes");

    let killed = TestDatabase::new("killed");
    for number in 0..40 {
        if !kill_on_the_way(&killed, feed.path(), number) {
            break;
        }
    }
    assert!(command(&killed, feed.path(), "3").status().unwrap().success());
    assert_same(&expected, &content(&killed), "killed many times");
}
