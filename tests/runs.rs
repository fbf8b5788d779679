//! `teelo runs`: the list, one run with what it recorded, and what is refused.

#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use pipeline::{METRICS, Pipeline};
use serde_json::{Value, json};
use support::{TestDatabase, run};
use teelo::pipeline::lock::key_of_name;

/// What the command prints, with exit code 0 and nothing on standard error.
#[track_caller]
fn text(database: &TestDatabase, arguments: &[&str]) -> String {
    let output = database.teelo(&[&["runs"], arguments].concat()).expect_code(0);
    assert_eq!(output.stderr, "");
    output.stdout
}

/// The same as JSON.
#[track_caller]
fn json_of(database: &TestDatabase, arguments: &[&str]) -> Value {
    serde_json::from_str(&text(database, &[&["--json"], arguments].concat())).unwrap()
}

#[test]
fn runs_are_listed_newest_first_with_what_went_wrong() {
    let pipeline = Pipeline::new("runs_list");
    let database = &pipeline.database;
    assert_eq!(text(database, &[]), "no run yet\n");
    let empty = json_of(database, &[]);
    assert_eq!((&empty["schema_version"], &empty["runs"]), (&json!(1), &json!([])));
    pipeline.run_script(METRICS, &[]).expect_code(0);
    pipeline.run_script("echo 'the site is down' >&2; exit 7", &[]).expect_code(1);
    let ids: Vec<String> = pipeline.run_rows().into_iter().rev().map(|row| row.run_id).collect();
    let listed = text(database, &[]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(lines[0].starts_with(&format!("{}  failed       20", ids[0])), "{listed}");
    assert!(lines[0].contains(" s  current_events_ingest: ") && lines[0].contains("exit code 7"), "{listed}");
    assert!(lines[1].starts_with(&format!("{}  success      20", ids[1])), "{listed}");
    assert!(lines[1].ends_with(" s"), "{listed}");
    assert_eq!(text(database, &["--limit", "1"]).lines().collect::<Vec<_>>(), lines[..1]);
    let runs = json_of(database, &["--limit", "1"])["runs"].clone();
    assert_eq!((&runs[0]["run_id"], &runs[1]), (&json!(ids[0]), &Value::Null));
    assert_eq!(runs[0]["stages"][1]["status"], "skipped");
    assert!(runs[0]["stages"][0].get("metrics").is_none(), "the list has no numbers: {runs}");
}

#[test]
fn one_run_is_shown_with_numbers_errors_and_files() {
    let pipeline = Pipeline::new("runs_one");
    let database = &pipeline.database;
    let body = METRICS
        .replace("\"duration_s\": 0.5", "\"big\": 1234567, \"note\": \"a\\u001b[2J\", \"list\": [1, 2]");
    pipeline.run_script(&format!("{body}\necho one >&2; echo two >&2; exit 1"), &[]).expect_code(1);
    let (row, _) = pipeline.only_run();
    let shown = text(database, &[&row.run_id]);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], format!("run        {}", row.run_id));
    assert_eq!(lines[1], "status     failed");
    assert!(lines[2].starts_with("began      20") && lines[2].ends_with(" s ago"), "{shown}");
    assert!(lines[3].starts_with("ended      20") && lines[3].contains(", after "), "{shown}");
    assert_eq!(lines[4], format!("artifacts  {}", pipeline.run_folder(&row.run_id).display()));
    assert!(lines[6].starts_with("current_events_ingest      failed       "), "{shown}");
    assert!(lines[7].starts_with("  error    ") && lines[7].contains("exit code 1"), "{shown}");
    assert_eq!(&lines[8..10], ["           one", "           two"]);
    let number = |name: &str| {
        let line = lines.iter().find(|line| line.trim_start().starts_with(name));
        line.unwrap_or_else(|| panic!("{shown}")).trim_start()[name.len()..].trim().to_owned()
    };
    assert_eq!((number("records_scanned"), number("big")), ("7".to_owned(), "1,234,567".to_owned()));
    assert_eq!((number("note"), number("list")), ("a\u{fffd}[2J".to_owned(), "[1,2]".to_owned()));
    assert!(
        shown.contains("\nelo_incremental            skipped\n  error    current_events_ingest did not"),
        "{shown}"
    );

    let all = json_of(database, &[&row.run_id]);
    assert_eq!((&all["schema_version"], &all["run"]["run_id"]), (&json!(1), &json!(row.run_id)));
    assert_eq!(all["artifacts"], json!(pipeline.run_folder(&row.run_id)));
    let stages = &all["run"]["stages"];
    assert_eq!(
        (&stages[0]["metrics"]["records_scanned"], &stages[0]["status"]),
        (&json!(7), &json!("failed"))
    );
    assert!(stages[1].get("metrics").is_some_and(Value::is_null), "a stage that did not run has no numbers");
}

#[test]
fn a_run_is_found_by_as_much_of_its_id_as_is_unique() {
    let database = TestDatabase::new("runs_find");
    for run_id in ["20260101T000000Z-aa", "20260101T000000Z-ab", "20260101T000000Z", "2%"] {
        let at = std::time::SystemTime::now();
        let row: [&(dyn postgres::types::ToSql + Sync); 4] = [&run_id, &"success", &at, &Some(at)];
        database.client().execute(include_str!("sql/status_run.sql"), &row).unwrap();
    }
    let found = |wanted: &str| json_of(&database, &[wanted])["run"]["run_id"].clone();
    assert_eq!(found("20260101T000000Z-ab"), "20260101T000000Z-ab");
    assert_eq!(found("20260101T000000Z"), "20260101T000000Z", "the whole id wins");
    assert_eq!(found("2%"), "2%", "no character has a meaning");
    for (wanted, message) in [
        ("20260101T000000Z-a", "several runs begin with \"20260101T000000Z-a\""),
        ("1999", "there is no run \"1999\"; `teelo runs` lists them"),
        ("%", "there is no run \"%\""),
    ] {
        let refused = database.teelo(&["runs", wanted]).expect_code(2);
        assert!(refused.stderr.contains(message), "{}", refused.stderr);
    }
}

#[test]
fn a_run_without_an_end_is_on_only_when_it_can_hold_the_lock() {
    let database = TestDatabase::new("runs_died");
    database.client().batch_execute(include_str!("sql/pipeline_history.sql")).unwrap();
    let status = |id: &str| json_of(&database, &[id])["run"]["status"].clone();
    assert_eq!([status("died-1"), status("ended"), status("died-2")], ["died", "success", "died"]);
    assert_eq!(json_of(&database, &["died-1"])["run"]["stages"][0]["status"], "died");
    assert!(text(&database, &[]).contains("it ended without recording how"));
    let mut holder = database.client();
    holder.query(include_str!("sql/lock_take.sql"), &[&key_of_name("teelo_hourly_pipeline")]).unwrap();
    assert_eq!(
        [status("died-1"), status("died-2")],
        ["died", "running"],
        "only the newest can hold the lock"
    );
    let mut other = database.command(&["runs", "--json", "died-2"]);
    let other = run(other.env("HOURLY_PIPELINE_LOCK_KEY", "another")).expect_code(0);
    assert!(other.stdout.contains("\"status\": \"died\""), "{}", other.stdout);
}

#[test]
fn what_is_not_understood_is_refused() {
    let database = TestDatabase::new("runs_usage");
    for (arguments, message) in [
        (&["--limit", "0"][..], "--limit: \"0\" is not valid; expected a whole number, 1 or more"),
        (&["--limit", "x"], "--limit: \"x\" is not valid"),
        (&["a", "b"], "unexpected argument \"b\""),
        (&["a", "--limit", "3"], "--limit is for the list of runs"),
    ] {
        let refused = database.teelo(&[&["runs"], arguments].concat()).expect_code(2);
        assert!(refused.stderr.contains(message), "{}", refused.stderr);
    }
    let bare = TestDatabase::empty("runs_bare");
    assert!(bare.teelo(&["runs"]).expect_code(2).stderr.contains("run `teelo migrate`"));
}
