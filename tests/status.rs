//! `teelo status`: what it says of an empty database, of runs that ended, are on or died, of failed files and stale data.

#[path = "support/feed.rs"]
mod feed;
#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::process::Command;
use std::time::{Duration, SystemTime};

use feed::{record, write};
use pipeline::{METRICS, Pipeline, start, wait_until};
use serde_json::{Value, json};
use support::{TestDatabase, TestFolder, run, teelo};
use teelo::pipeline::lock::key_of_name;

/// What `teelo status` prints, with exit code 0 and nothing on standard error.
#[track_caller]
fn text(database: &TestDatabase) -> String {
    let output = database.teelo(&["status"]).expect_code(0);
    assert_eq!(output.stderr, "");
    output.stdout
}

/// What `teelo status --json` prints.
#[track_caller]
fn status(database: &TestDatabase) -> Value {
    serde_json::from_str(&database.teelo(&["status", "--json"]).expect_code(0).stdout).unwrap()
}

/// The first line that begins with `subject`.
#[track_caller]
fn line<'a>(text: &'a str, subject: &str) -> &'a str {
    text.lines().find(|line| line.trim_start().starts_with(subject)).unwrap_or_else(|| panic!("{text}"))
}

/// A run that began `began` and ended `ended` minutes ago (negative: ahead of us).
fn insert_run(database: &TestDatabase, run_id: &str, status: &str, began: i64, ended: Option<i64>) {
    let ago = |minutes: i64| {
        let distance = Duration::from_secs(minutes.unsigned_abs() * 60);
        if minutes < 0 { SystemTime::now() + distance } else { SystemTime::now() - distance }
    };
    let parameters = (ago(began), ended.map(ago));
    database
        .client()
        .execute(include_str!("sql/status_run.sql"), &[&run_id, &status, &parameters.0, &parameters.1])
        .unwrap();
}

#[test]
fn an_empty_database_has_nothing_to_tell_and_is_not_fresh() {
    let database = TestDatabase::new("status_empty");
    let expected = "\
fresh    no run has succeeded yet
lock     free
pending  nothing to rate
queue    no file was queued yet
reviews  nobody waits for a decision
";
    assert_eq!(text(&database), expected);
    let mut all = status(&database);
    let checked_at = all["checked_at"].take();
    assert_eq!(checked_at.as_str().unwrap().len(), "2026-01-02T03:04:05Z".len());
    let expected = json!({
        "schema_version": 1,
        "checked_at": null,
        "freshness": {"last_successful": null, "max_age_minutes": null, "is_fresh": null},
        "lock_holder": null,
        "runs": [],
        "pending": {"changes": 0, "earliest": null},
        "queue": {"pending": 0, "in_progress": 0, "retry": 0, "failed": 0, "failed_replaced": 0, "completed": 0, "failures": []},
        "reviews_waiting": 0,
    });
    assert_eq!(all, expected);
    let never = database.teelo(&["status", "--max-age-minutes", "1000000"]).expect_code(1);
    assert_eq!(line(&never.stdout, "fresh"), "fresh    STALE (limit 1000000 min): no run has succeeded yet");
}

#[test]
fn after_a_run_its_stages_and_what_is_left_are_told() {
    let pipeline = Pipeline::new("status_after");
    let database = &pipeline.database;
    let feed = TestFolder::new("status_after_feed");
    write(feed.path(), "atp_matches_2024.csv", &[record(&[])]);
    let ingest = ["ingest", "--feed", feed.path().to_str().unwrap()];
    database.teelo(&ingest).expect_code(0);
    let before = text(database);
    assert!(
        line(&before, "pending").starts_with("pending  1 change to rate, the earliest of 2024-01-"),
        "{before}"
    );
    assert_eq!(line(&before, "queue"), "queue    1 completed");
    let earliest = &status(database)["pending"]["earliest"];
    assert!(earliest["match_id"].is_i64() && earliest["every_match"] == false, "{earliest}");

    pipeline.run_script(METRICS, &[]).expect_code(0);
    pipeline.run_script("echo 'at first' >&2; echo 'the site is down' >&2; exit 7", &[]).expect_code(1);
    let after = text(database);
    assert_eq!(line(&after, "lock"), "lock     free");
    assert_eq!(line(&after, "pending"), "pending  nothing to rate");
    assert!(line(&after, "fresh").starts_with("fresh    the last successful run ended "), "{after}");
    let runs = status(database)["runs"].clone();
    let ids: Vec<String> = pipeline.run_rows().into_iter().rev().map(|row| row.run_id).collect();
    assert_eq!((json!([runs[0]["run_id"], runs[1]["run_id"]]), runs[2].clone()), (json!(ids), Value::Null));
    assert_eq!((&runs[0]["status"], &runs[1]["status"]), (&json!("failed"), &json!("success")));
    for (stage, name) in ["current_events_ingest", "elo_incremental"].into_iter().enumerate() {
        let succeeded = &runs[1]["stages"][stage];
        assert_eq!((&succeeded["name"], &succeeded["status"]), (&json!(name), &json!("success")));
        assert!(succeeded["duration_s"].is_number() && succeeded["error_text"].is_null(), "{succeeded}");
    }
    assert!(runs[0]["stages"][0]["error_text"].as_str().unwrap().contains("the site is down"), "{runs}");
    assert!(line(&after, "current_events_ingest").contains("failed with exit code 7"), "{after}");
    assert!(after.contains("\n      … the site is down\n") && !after.contains("at first"), "{after}");
    assert!(line(&after, "elo_incremental").contains("skipped"), "{after}");
    assert!(runs[1]["age_s"].as_f64().unwrap() >= runs[1]["duration_s"].as_f64().unwrap(), "{runs}");
    let successful = &status(database)["freshness"]["last_successful"];
    assert_eq!((&successful["run_id"], &successful["ended_at"]), (&runs[1]["run_id"], &runs[1]["ended_at"]));
}

#[test]
fn that_every_match_is_to_be_rated_again_is_told() {
    let database = TestDatabase::new("status_every_match");
    let feed = TestFolder::new("status_every_match_feed");
    let records = ["20240108", "20240205", "20240304"]
        .map(|day| record(&[("tourney_date", day), ("tourney_id", &day[2..])]));
    write(feed.path(), "atp_matches_2024.csv", &records);
    database.teelo(&["ingest", "--feed", feed.path().to_str().unwrap()]).expect_code(0);
    database.teelo(&["elo"]).expect_code(0);
    database.teelo(&["elo", "--rebuild", "--max-matches", "1"]).expect_code(0);
    let told = text(&database);
    let expected = "pending  every match to rate again from 2024-01-";
    assert!(line(&told, "pending").starts_with(expected), "{told}");
    assert_eq!(status(&database)["pending"]["earliest"]["every_match"], true);
    database.teelo(&["elo"]).expect_code(0);
    assert_eq!(line(&text(&database), "pending"), "pending  nothing to rate");
}

#[test]
fn only_the_last_runs_are_listed_newest_first() {
    let database = TestDatabase::new("status_many");
    for number in 0..8 {
        // The clock was set back in between: the order is that in which they ran.
        insert_run(&database, &format!("run-{number}"), "failed", 10 + number % 3, Some(5));
    }
    let runs = status(&database)["runs"].clone();
    let ids: Vec<&str> = runs.as_array().unwrap().iter().map(|run| run["run_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["run-7", "run-6", "run-5", "run-4", "run-3"]);
}

#[test]
fn a_run_in_progress_is_seen_with_the_holder_of_its_lock() {
    let pipeline = Pipeline::new("status_running");
    let database = &pipeline.database;
    let body = format!("touch $here/started\nuntil [ -e $here/go ]; do sleep 0.02; done\n{METRICS}");
    let script = pipeline.script("ingest.sh", &body);
    let mut running = start(&mut pipeline.command(&script, &[]));
    pipeline.wait_for("started");
    let shown = text(database);
    let holder = line(&shown, "lock");
    assert!(holder.starts_with("lock     held by teelo/run on this machine (server process "), "{shown}");
    let all = status(database);
    assert_eq!(all["lock_holder"]["program"], "teelo/run");
    assert_eq!((&all["runs"][0]["status"], &all["runs"][0]["duration_s"]), (&json!("running"), &Value::Null));
    let stages = &all["runs"][0]["stages"];
    assert_eq!((&stages[0]["status"], &stages[1]), (&json!("running"), &Value::Null));
    assert!(all["freshness"]["last_successful"].is_null(), "{all}");
    std::fs::write(pipeline.path("go"), "").unwrap();
    assert!(running.wait().unwrap().success());
    assert_eq!(status(database)["runs"][0]["status"], "success");
}

#[test]
fn of_runs_without_an_end_only_the_newest_can_hold_the_lock() {
    let database = TestDatabase::new("status_held");
    insert_run(&database, "older", "running", 90, None);
    insert_run(&database, "newer", "running", 30, None);
    let mut holder = database.client();
    let statuses = || {
        let runs = status(&database)["runs"].clone();
        json!([runs[0]["status"], runs[1]["status"]])
    };
    holder.query(include_str!("sql/lock_take.sql"), &[&key_of_name("teelo_hourly_pipeline")]).unwrap();
    assert_eq!(statuses(), json!(["running", "died"]));
    // A pipeline with a lock of its own asks for that one.
    let mut other = database.command(&["status", "--json"]);
    let other = run(other.env("HOURLY_PIPELINE_LOCK_KEY", "another")).expect_code(0);
    assert!(serde_json::from_str::<Value>(&other.stdout).unwrap()["lock_holder"].is_null());
    holder.close().unwrap();
    wait_until("the lock is free", || status(&database)["lock_holder"].is_null());
    assert_eq!(statuses(), json!(["died", "died"]));
}

#[test]
fn a_killed_run_has_died_until_the_next_one_marks_it() {
    let pipeline = Pipeline::new("status_killed");
    let database = &pipeline.database;
    let script = pipeline.script("ingest.sh", "touch $here/started; sleep 3600");
    let mut killed = start(&mut pipeline.command(&script, &[]));
    pipeline.wait_for("started");
    killed.kill().unwrap();
    killed.wait().unwrap();
    wait_until("the lock is free", || status(database)["lock_holder"].is_null());
    let all = status(database);
    assert_eq!(
        (&all["runs"][0]["status"], &all["runs"][0]["stages"][0]["status"]),
        (&json!("died"), &json!("died"))
    );
    let shown = text(database);
    assert!(line(&shown, "20").contains("died"), "{shown}");
    assert!(line(&shown, "20").ends_with("it ended without recording how"), "{shown}");
    assert_eq!(pipeline.run_rows()[0].status, "running", "the status writes nothing");
    pipeline.run_script(METRICS, &[]).expect_code(0);
    let runs = status(database)["runs"].clone();
    assert_eq!((&runs[0]["status"], &runs[1]["status"]), (&json!("success"), &json!("abandoned")));
}

#[test]
fn files_that_failed_are_listed_until_they_are_mended() {
    let (database, feed) = (TestDatabase::new("status_failed"), TestFolder::new("status_failed"));
    let bad = feed.path().join("atp_matches_2023.csv");
    std::fs::write(&bad, "<html>404</html>\n").unwrap();
    write(feed.path(), "atp_matches_2024.csv", &[record(&[])]);
    let ingest = ["ingest", "--feed", feed.path().to_str().unwrap()];
    database.teelo(&ingest).expect_code(1);

    let queue = status(&database)["queue"].clone();
    assert_eq!((&queue["retry"], &queue["failed"], &queue["completed"]), (&json!(1), &json!(0), &json!(1)));
    let failure = &queue["failures"][0];
    assert_eq!(
        (&failure["status"], &failure["attempts"], &failure["max_attempts"]),
        (&json!("retry"), &json!(1), &json!(3))
    );
    assert_eq!(failure["file"], json!(bad));
    assert!(
        failure["error"].as_str().unwrap().contains("line 1 is not the header of a match archive"),
        "{failure}"
    );
    let wait_s = failure["next_attempt_in_s"].as_f64().unwrap();
    assert!(wait_s > 0.0 && wait_s <= 300.0, "{failure}");
    let shown = text(&database);
    assert_eq!(line(&shown, "queue"), "queue    1 retry, 1 completed");
    let expected = format!("  retry   {}: 1 of 3 attempts, again in ", bad.display());
    assert!(line(&shown, "retry").starts_with(&expected), "{shown}");
    assert!(shown.contains("\n          line 1 is not the header of a match archive"), "{shown}");

    for _ in 0..2 {
        database.client().batch_execute(include_str!("sql/ingest_retry_now.sql")).unwrap();
        database.teelo(&ingest).expect_code(1);
    }
    let shown = text(&database);
    assert_eq!(line(&shown, "queue"), "queue    1 failed, 1 completed");
    assert!(line(&shown, "failed  /").ends_with("3 of 3 attempts, again when the file changes"), "{shown}");

    write(
        feed.path(),
        "atp_matches_2023.csv",
        &[record(&[("tourney_date", "20230109"), ("tourney_id", "2023-1")])],
    );
    database.teelo(&ingest).expect_code(0);
    let queue = status(&database)["queue"].clone();
    assert_eq!(
        (&queue["failed"], &queue["failed_replaced"], &queue["failures"]),
        (&json!(0), &json!(1), &json!([]))
    );
    assert_eq!(line(&text(&database), "queue"), "queue    2 completed");
}

#[test]
fn any_queue_is_told_in_short() {
    let database = TestDatabase::new("status_queue");
    database.client().batch_execute(include_str!("sql/status_tasks.sql")).unwrap();
    database.client().batch_execute(include_str!("sql/identities.sql")).unwrap();
    let shown = text(&database);
    assert_eq!(line(&shown, "queue"), "queue    1 pending, 1 in progress, 1 retry, 31 failed, 1 completed");
    assert_eq!(line(&shown, "reviews"), "reviews  2 names wait for a decision: teelo identities");
    assert!(shown.contains("  failed  task 6: 3 of 3 attempts, again when the file changes\n"), "{shown}");
    assert!(shown.contains("\n  and 12 more: teelo status --json\n"), "{shown}");
    assert!(!shown.contains("z.csv") && !shown.contains("a.csv"), "{shown}");
    let all = status(&database);
    assert_eq!((&all["queue"]["failed_replaced"], &all["reviews_waiting"]), (&json!(1), &json!(2)));
    let failures = all["queue"]["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 32);
    let due = failures.last().unwrap();
    assert_eq!((&due["file"], &due["next_attempt_at"]), (&json!("/f/d.csv"), &json!("2000-01-01T00:00:00Z")));
    assert_eq!(due["error"], "line 1\u{1b}[2J\nline 2");
}

#[test]
fn a_limit_of_age_tells_fresh_from_stale() {
    let database = TestDatabase::new("status_age");
    insert_run(&database, "good", "partial", 40, Some(30));
    insert_run(&database, "bad", "failed", 10, Some(5));
    let check = |limit: &str| database.teelo(&["status", "--max-age-minutes", limit]);
    let stale = check("29.5").expect_code(1);
    let said = line(&stale.stdout, "fresh");
    assert_eq!(said, "fresh    STALE (limit 29.5 min): the last successful run ended 30 min ago (partial)");
    assert_eq!(stale.stderr, "");
    let fresh = check("90").expect_code(0);
    assert_eq!(
        line(&fresh.stdout, "fresh"),
        "fresh    yes (limit 90 min): the last successful run ended 30 min ago (partial)"
    );
    let json = database.teelo(&["status", "--json", "--max-age-minutes", "1"]).expect_code(1);
    let freshness = serde_json::from_str::<Value>(&json.stdout).unwrap()["freshness"].clone();
    assert_eq!((&freshness["is_fresh"], &freshness["max_age_minutes"]), (&json!(false), &json!(1.0)));
    assert_eq!(freshness["last_successful"]["run_id"], "good");

    // Another program's row without an end is as old as its start.
    insert_run(&database, "no end", "success", 20, None);
    check("19").expect_code(1);
    check("25").expect_code(0);
    // A wrong clock does not make the database fresh for years.
    insert_run(&database, "from the future", "success", -600, Some(-600));
    assert!(check("90").expect_code(1).stdout.contains("ended in the future, at 2"), "{:?}", check("90"));
}

#[test]
fn what_is_not_understood_is_refused() {
    let database = TestDatabase::new("status_usage");
    for value in ["-1", "NaN", "inf", "soon", ""] {
        let refused = database.teelo(&["status", "--max-age-minutes", value]).expect_code(2);
        assert!(refused.stderr.contains("expected a number of minutes, 0 or more"), "{}", refused.stderr);
    }
    let refused = database.teelo(&["status", "now"]).expect_code(2);
    assert!(refused.stderr.contains("unexpected argument \"now\""), "{}", refused.stderr);
    let mut command = database.command(&["status"]);
    let refused = run(command.env("HOURLY_PIPELINE_LOCK_KEY", "9223372036854775808")).expect_code(2);
    assert!(refused.stderr.contains("HOURLY_PIPELINE_LOCK_KEY"), "{}", refused.stderr);
    assert!(teelo(&["status"]).expect_code(2).stderr.contains("DATABASE_URL is not set"));
    let bare = TestDatabase::empty("status_bare");
    assert!(bare.teelo(&["status"]).expect_code(2).stderr.contains("run `teelo migrate`"));
}

#[test]
fn a_role_that_may_only_read_is_answered_also_about_other_roles_sessions() {
    let database = TestDatabase::new("status_reader");
    database.client().batch_execute(include_str!("sql/status_reader.sql")).unwrap();
    insert_run(&database, "on", "running", 1, None);
    let mut holder = database.client();
    holder.query(include_str!("sql/lock_take.sql"), &[&key_of_name("teelo_hourly_pipeline")]).unwrap();
    let reader = database.url().replace("//teelo@", "//status_reader@");
    assert_ne!(reader, database.url());
    let output = run(database.command(&["status"]).env("DATABASE_URL", &reader)).expect_code(0);
    let lock = line(&output.stdout, "lock");
    assert!(lock.starts_with("lock     held by teelo/test (server process "), "{}", output.stdout);
    assert!(lock.ends_with(", of another role)"), "{lock}");
    assert!(line(&output.stdout, "on ").contains("running"), "{}", output.stdout);
    // A run that is refused the lock says the same of its holder.
    let mut second = database.command(&["run", "--stages", "elo_incremental", "--lock-timeout-seconds", "0"]);
    let refused = run(second.env("DATABASE_URL", &reader)).expect_code(75);
    assert!(refused.stderr.contains("locked by teelo/test (server process "), "{}", refused.stderr);
}

#[test]
fn statuses_have_colours_on_a_terminal_only() {
    let database = TestDatabase::new("status_colours");
    insert_run(&database, "good", "success", 40, Some(30));
    assert!(!text(&database).contains('\u{1b}'));
    let on_terminal = |name: &str, value: &str| {
        let program = format!("'{}' status", env!("CARGO_BIN_EXE_teelo"));
        let mut script = Command::new("script");
        script.args(["-qec", &program, "/dev/null"]).env("DATABASE_URL", database.url());
        script
            .env_remove("NO_COLOR")
            .env("TERM", "xterm")
            .env(name, value)
            .stdin(std::process::Stdio::null());
        run(&mut script).expect_code(0).stdout
    };
    let coloured = on_terminal("LANG", "C.UTF-8");
    assert!(coloured.contains("\u{1b}[32msuccess"), "{coloured:?}");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = on_terminal(name, value);
        assert!(plain.contains("success") && !plain.contains('\u{1b}'), "{name}: {plain:?}");
    }
}
