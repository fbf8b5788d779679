//! The ELO stage as its user meets it: killed at any moment, beside other writers, in small and large batches, as a dry
//! run, with matches that cannot be rated and parameters that are wrong.

#[path = "support/oracle.rs"]
mod oracle;
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use postgres::Client;
use serde_json::Value;
use support::TestDatabase;

/// Every column that may not depend on how the run went: all but the clock's.
fn content(client: &mut Client) -> Vec<String> {
    let rows = client.query(include_str!("sql/elo_content.sql"), &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

fn made_up(matches: i32, players: i32) -> TestDatabase {
    let database = TestDatabase::new("elo");
    let mut client = database.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&players]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&matches, &players]).unwrap();
    database
}

fn rate(database: &TestDatabase, arguments: &[&str]) -> Value {
    let output = database.teelo(&[&["elo", "--json"], arguments].concat());
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}

fn assert_exact(client: &mut Client) {
    let differences = oracle::differences(client);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn killed_at_many_moments_it_ends_as_if_undisturbed() {
    let undisturbed = made_up(6000, 60);
    rate(&undisturbed, &[]);
    let expected = content(&mut undisturbed.client());
    assert_exact(&mut undisturbed.client());

    let database = made_up(6000, 60);
    let mut kills = 0;
    // Longer and longer, so that it comes to its end on a slow machine too.
    for delay_ms in (0..).map(|round| 10 + round * 3) {
        let mut child = database.command(&["elo", "--batch-size", "97"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay_ms));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            break;
        }
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        kills += 1;
        assert!(kills < 1000, "it makes no progress");
    }
    assert!(kills >= 3, "killed only {kills} times");
    assert_eq!(content(&mut database.client()), expected);
    assert_eq!(rate(&database, &[])["records_processed"], 0);

    // A correction long ago, killed as well, ends like the same correction undisturbed.
    for one in [&undisturbed, &database] {
        one.client().execute(include_str!("sql/flip_winner.sql"), &[&500_i32]).unwrap();
    }
    rate(&undisturbed, &[]);
    for delay_ms in [15, 25, 35, 45, 30, 20] {
        let mut child = database.command(&["elo", "--batch-size", "101"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay_ms));
        let _ = child.kill();
        child.wait().unwrap();
    }
    rate(&database, &[]);
    assert_eq!(content(&mut database.client()), content(&mut undisturbed.client()));
    assert_exact(&mut database.client());
}

#[test]
fn a_match_changed_during_the_run_is_rated_again() {
    let database = made_up(3000, 50);
    let stop = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (mut client, stop) = (database.client(), Arc::clone(&stop));
        move || {
            let mut number = 0_i32;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                let id = number * 37 % 3000 + 1;
                let changed = client.execute(include_str!("sql/flip_winner.sql"), &[&id]);
                // The program may be chosen as the victim of a deadlock, the writer as well: it tries again later.
                assert!(
                    changed.is_ok() || changed.unwrap_err().code().is_some_and(|code| code.code() == "40P01")
                );
            }
            number
        }
    });
    for size in ["50", "1000", "333"] {
        rate(&database, &["--batch-size", size]);
    }
    stop.store(true, Ordering::Relaxed);
    assert!(writer.join().unwrap() > 10, "the writer hardly wrote");
    rate(&database, &[]);
    assert_exact(&mut database.client());
}

#[test]
fn the_size_of_batches_does_not_show() {
    let databases = [made_up(500, 20), made_up(500, 20), made_up(500, 20)];
    let sizes = ["1", "7", "100000"];
    let contents: Vec<_> = databases
        .iter()
        .zip(sizes)
        .map(|(database, size)| {
            rate(database, &["--batch-size", size]);
            content(&mut database.client())
        })
        .collect();
    assert_eq!(contents[0], contents[1]);
    assert_eq!(contents[1], contents[2]);
    assert_exact(&mut databases[0].client());
}

#[test]
fn a_dry_run_writes_nothing_and_tells_what_a_run_would() {
    let database = made_up(3000, 40);
    let mut client = database.client();
    let before = dump(&mut client);
    let told = rate(&database, &["--dry-run", "--batch-size", "100"]);
    assert_eq!(dump(&mut client), before);
    let done = rate(&database, &["--batch-size", "100"]);
    assert_eq!((&told["matches_rated"], &done["matches_rated"]), (&Value::from(3000), &Value::from(3000)));

    client.execute(include_str!("sql/flip_winner.sql"), &[&1200_i32]).unwrap();
    let before = dump(&mut client);
    let told = rate(&database, &["--dry-run", "--batch-size", "100"]);
    assert_eq!(dump(&mut client), before);
    let done = rate(&database, &["--batch-size", "100"]);
    assert_eq!(told["matches_rerated"], done["matches_rerated"]);
    assert!(done["matches_rerated"].as_u64() > Some(0));

    client
        .batch_execute(
            "INSERT INTO elo_parameter_sets (name, params, source, is_active) VALUES ('p', '{}', 't', true)",
        )
        .unwrap();
    let before = dump(&mut client);
    let told = rate(&database, &["--dry-run"]);
    assert_eq!(dump(&mut client), before);
    assert_eq!(told["matches_rerated"], 3000);
}

/// Everything that the stage may write, with the rows' physical versions.
fn dump(client: &mut Client) -> Vec<String> {
    let rows = client.query(include_str!("sql/elo_dump.sql"), &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn max_matches_stops_early_and_the_next_run_goes_on() {
    let database = made_up(300, 10);
    let first = rate(&database, &["--max-matches", "120", "--batch-size", "50"]);
    assert_eq!(first["records_processed"], 120);
    assert_eq!(first["left_pending"], true);
    let second = rate(&database, &[]);
    assert_eq!(second["records_processed"], 180);
    assert_exact(&mut database.client());
}

#[test]
fn what_an_interrupted_run_left_is_done_by_a_later_run_that_comes_from_further_back() {
    let database = made_up(100, 12);
    rate(&database, &[]);
    let mut client = database.client();
    // Stops at a position that is the end of a batch of the next run as well.
    client.execute(include_str!("sql/flip_winner.sql"), &[&20_i32]).unwrap();
    rate(&database, &["--batch-size", "1", "--max-matches", "3"]);
    client.batch_execute("UPDATE matches SET elo_needs_recompute = true WHERE id = 1").unwrap();
    rate(&database, &["--batch-size", "1"]);
    assert_exact(&mut client);
    assert_eq!(rate(&database, &[])["batches"], 0);
}

#[test]
fn rebuild_repairs_what_somebody_broke_and_ends() {
    let database = made_up(400, 10);
    rate(&database, &[]);
    let mut client = database.client();
    let good = content(&mut client);
    client.batch_execute("UPDATE matches SET elo_post_player_a = 1 WHERE id % 50 = 0; UPDATE player_elo_states SET match_count = 3, career_peak = 9000 WHERE player_id < 4; DELETE FROM player_elo_states WHERE player_id = 5").unwrap();
    assert_eq!(rate(&database, &[])["batches"], 0, "a broken rating is no change of an input");
    let metrics = rate(&database, &["--rebuild", "--batch-size", "30"]);
    assert_eq!(metrics["records_processed"], 8, "only what differs is written");
    assert_eq!(content(&mut client), good);
    assert_eq!(rate(&database, &[])["batches"], 0);

    client.batch_execute("UPDATE matches SET elo_post_player_b = NULL WHERE id = 100").unwrap();
    assert_eq!(rate(&database, &["--no-resume"])["records_processed"], 1);
    assert_eq!(content(&mut client), good);
}

#[test]
fn matches_that_cannot_be_rated_are_counted_and_listed() {
    let database = made_up(100, 10);
    let mut client = database.client();
    client.batch_execute(include_str!("sql/unratable_matches.sql")).unwrap();
    let folder = support::TestFolder::new("unratable");
    let (metrics, events) = (folder.path().join("m.json"), folder.path().join("s.jsonl"));
    let output = database.teelo(&[
        "elo",
        "--metrics-json",
        metrics.to_str().unwrap(),
        "--status-jsonl",
        events.to_str().unwrap(),
    ]);
    assert_eq!(output.code, Some(3), "{}", output.stderr);
    for id in 1001..=1005 {
        assert!(output.stderr.contains(&id.to_string()), "match {id} is not listed: {}", output.stderr);
    }
    let metrics: Value = serde_json::from_str(&std::fs::read_to_string(metrics).unwrap()).unwrap();
    assert_eq!(metrics["records_processed"], 100);
    assert_eq!(metrics["records_skipped"], 3);
    assert_eq!(metrics["records_failed"], 2);
    assert_eq!(metrics["unratable"]["winner_did_not_play"], 1);
    let events: Vec<Value> = std::fs::read_to_string(events)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.first().unwrap()["event"], "start");
    assert_eq!(events.last().unwrap()["event"], "end");
    assert_exact(&mut client);
    let again = database.teelo(&["elo"]);
    assert_eq!(again.code, Some(0), "looked at once, not every hour: {}", again.stderr);
}

#[test]
fn a_wrong_parameter_set_is_named_and_nothing_is_rated() {
    let database = made_up(10, 5);
    let mut client = database.client();
    let wrong = [
        (r#"{"K_Z": 5}"#, "K_Z"),
        (r#"{"S_WG": 0}"#, "S_WG"),
        (r#"{"K_F": "183"}"#, "K_F"),
        (r#"{"K_F": 1e400}"#, "K_F"),
        (r#"[1]"#, "object"),
    ];
    for (params, named) in wrong {
        client.batch_execute("DELETE FROM elo_parameter_sets").unwrap();
        client.execute(include_str!("sql/parameter_set_insert.sql"), &[&params]).unwrap();
        let output = database.teelo(&["elo"]);
        assert_eq!(output.code, Some(2), "{params}");
        assert!(output.stderr.contains(named) && output.stderr.contains("the set"), "{}", output.stderr);
    }
    let row = client.query_one("SELECT count(elo_post_player_a) FROM matches", &[]).unwrap();
    assert_eq!(row.get::<_, i64>(0), 0);
}

#[test]
fn two_at_once_one_waits_for_the_lock() {
    let database = made_up(10, 5);
    let mut client = database.client();
    let key = teelo::pipeline::lock::key_of_name("teelo_stage_elo_incremental");
    client.query_one("SELECT pg_advisory_lock($1)", &[&key]).unwrap();
    let output = database.teelo(&["elo", "--lock-timeout-seconds", "0"]);
    assert_eq!(output.code, Some(75));
    assert!(output.stderr.contains("teelo/test"), "the holder is named: {}", output.stderr);
}

#[test]
fn wrong_flags_are_refused() {
    let database = TestDatabase::new("flags");
    let cases: [(&[&str], &str); 6] = [
        (&["--batch-size", "0"], "--batch-size"),
        (&["--batch-size", "many"], "many"),
        (&["--batch-size"], "--batch-size"),
        (&["--max-matches", "-1"], "--max-matches"),
        (&["--bogus"], "--bogus"),
        (&["--rebuild", "--no-resume"], "--rebuild"),
    ];
    for (arguments, named) in cases {
        let output = database.teelo(&[&["elo"], arguments].concat());
        assert_eq!(output.code, Some(2), "{arguments:?}");
        assert!(output.stderr.contains(named), "{}", output.stderr);
    }
}
