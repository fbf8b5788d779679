//! The queue with feed documents in it: in what order they are taken, by tour, in two steps.

#[path = "support/documents.rs"]
mod documents;
mod support;

use std::path::Path;

use documents::line;
use serde_json::{Value, json};
use support::{Output, TestDatabase, TestFolder};
use teelo::ingest::documents::Kind;

fn ingest(database: &TestDatabase, feed: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["ingest", "--feed", feed.to_str().unwrap(), "--json", "--workers", "1"];
    arguments.extend(more);
    database.teelo(&arguments)
}

fn metrics(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap()
}

/// (file, priority, status, tours) in the order in which tasks are taken.
fn tasks(database: &TestDatabase) -> Vec<(String, i32, String, String)> {
    let rows = database.client().query(include_str!("sql/feed_queue_tasks.sql"), &[]).unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect()
}

fn task(name: &str, priority: i32, status: &str, tours: &str) -> (String, i32, String, String) {
    (name.to_owned(), priority, status.to_owned(), tours.to_owned())
}

fn write(feed: &Path, name: &str, lines: &[String]) {
    std::fs::write(feed.join(name), lines.join("\n")).unwrap();
}

fn women(round: &str) -> Value {
    json!({
        "source": "wta", "gender": "women", "tour": "WTA", "tournament_level": "WTA 250", "tournament_id": "harbour", "round": round,
        "external_id": null,
    })
}

#[test]
fn draws_come_before_orders_of_play_and_those_before_results() {
    let (database, feed) = (TestDatabase::new("order"), TestFolder::new("order"));
    write(feed.path(), "a.results.jsonl", &[line(Kind::Results, &json!({}))]);
    write(feed.path(), "b.schedule.jsonl", &[line(Kind::Schedule, &json!({}))]);
    write(feed.path(), "c.draw.jsonl", &[line(Kind::Draw, &json!({"winner_name": null, "score_raw": null}))]);
    let discovered = ingest(&database, feed.path(), &["--discover-only"]).expect_code(0);
    assert_eq!(
        (metrics(&discovered)["tasks_queued"].as_u64(), metrics(&discovered)["tasks_due"].as_u64()),
        (Some(3), Some(3))
    );
    assert_eq!(
        tasks(&database),
        [
            task("c.draw.jsonl", 3, "pending", "ATP"),
            task("b.schedule.jsonl", 4, "pending", "ATP"),
            task("a.results.jsonl", 5, "pending", "ATP"),
        ]
    );
    // What comes meanwhile is not looked at.
    write(
        feed.path(),
        "d.results.jsonl",
        &[line(Kind::Results, &json!({"round": "R16", "external_id": null}))],
    );
    let processed = ingest(&database, feed.path(), &["--process-only"]).expect_code(0);
    let metrics = metrics(&processed);
    let files: Vec<&str> = metrics["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["file"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    assert_eq!(files, ["c.draw.jsonl", "b.schedule.jsonl", "a.results.jsonl"]);
    assert_eq!((&metrics["matches_inserted"], &metrics["matches_updated"]), (&json!(1), &json!(2)));
    assert_eq!(&metrics["schedules_waiting"], &json!(0));
    assert_eq!(tasks(&database).iter().filter(|task| task.2 == "completed").count(), 3);
    let again = ingest(&database, feed.path(), &["--process-only"]).expect_code(0);
    assert!(again.stdout.contains("\"tasks_completed\": 0"), "{}", again.stdout);
    let rest = ingest(&database, feed.path(), &[]).expect_code(0);
    assert!(rest.stdout.contains("\"tasks_completed\": 1"), "{}", rest.stdout);
}

#[test]
fn a_document_is_of_the_tours_of_its_records() {
    let (database, feed) = (TestDatabase::new("tours"), TestFolder::new("tours"));
    write(feed.path(), "men.results.jsonl", &[line(Kind::Results, &json!({}))]);
    write(feed.path(), "women.results.jsonl", &[line(Kind::Results, &women("R16"))]);
    write(
        feed.path(),
        "both.results.jsonl",
        &[
            line(Kind::Results, &women("QF")),
            line(Kind::Results, &json!({"round": "QF", "external_id": null})),
        ],
    );
    write(feed.path(), "neither.results.jsonl", &["no JSON at all".to_owned()]);
    let output = ingest(&database, feed.path(), &["--tours", "WTA"]).expect_code(1);
    assert!(output.stderr.contains("neither.results.jsonl: it holds no JSON at all"), "{}", output.stderr);
    assert_eq!(metrics(&output)["tasks_completed"], 2);
    let done: Vec<_> = tasks(&database).into_iter().filter(|task| task.2 == "completed").collect();
    assert_eq!(
        done,
        [
            task("both.results.jsonl", 5, "completed", "ATP,WTA"),
            task("women.results.jsonl", 5, "completed", "WTA")
        ]
    );
    let rest = ingest(&database, feed.path(), &["--tours", "ATP,CHALLENGER"]).expect_code(0);
    assert_eq!(metrics(&rest)["tasks_completed"], 1);
}

#[test]
fn steps_that_contradict_are_refused() {
    let (database, feed) = (TestDatabase::new("steps"), TestFolder::new("steps"));
    let output = ingest(&database, feed.path(), &["--discover-only", "--process-only"]).expect_code(2);
    assert!(output.stderr.contains("leave nothing to do"), "{}", output.stderr);
    let output = ingest(&database, feed.path(), &["--process-only", "--clear-queue"]).expect_code(2);
    assert!(
        output.stderr.contains("--clear-queue drops what --process-only would work off"),
        "{}",
        output.stderr
    );
}
