//! A database far away: what a run costs there is the number of its batches, not of its rows.

#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/proxy.rs"]
mod proxy;
mod support;

use std::time::{Duration, Instant};

use proxy::Proxy;
use support::TestDatabase;

/// What a batch may cost, reading and writing together.
const ROUND_TRIPS_PER_BATCH: u64 = 6;

/// Makes a database with so many matches of so many players, none of them rated.
fn unrated(matches: i32, players: i32) -> TestDatabase {
    let database = TestDatabase::new("far");
    let mut client = database.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&players]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&matches, &players]).unwrap();
    database
}

/// Runs the stage over a connection with this delay each way; returns batches and round trips.
fn run(database: &TestDatabase, batch_size: u32, delay: Duration) -> (u64, u64) {
    let proxy = Proxy::slow(support::server().log_path().parent().unwrap(), delay);
    let mut command = database.command(&["elo", "--json", "--batch-size", &batch_size.to_string()]);
    let began = Instant::now();
    let output = support::run(command.env("DATABASE_URL", proxy.url(database.url()))).expect_code(0);
    let metrics: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let batches = metrics["batches"].as_u64().unwrap();
    println!(
        "batches of {batch_size}, {delay:?} each way: {batches} batches, {} round trips, {:.1} s",
        proxy.round_trips(),
        began.elapsed().as_secs_f64()
    );
    (batches, proxy.round_trips())
}

fn expect_exact(database: &TestDatabase) {
    let differences = oracle::differences(&mut database.client());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Two runs of the same work in batches of two sizes: what a batch more costs.
fn expect_cheap_batches(few: (u64, u64), many: (u64, u64)) {
    let batches = many.0 - few.0;
    assert!(batches >= 10, "{batches} batches more are too few to tell");
    let round_trips = many.1.saturating_sub(few.1);
    assert!(
        round_trips <= batches * ROUND_TRIPS_PER_BATCH,
        "{batches} batches more took {round_trips} round trips more"
    );
}

#[test]
fn a_batch_takes_at_most_six_round_trips() {
    let database = unrated(3_000, 200);
    let copies = [TestDatabase::copy_of(&database), TestDatabase::copy_of(&database)];
    expect_cheap_batches(run(&copies[0], 1_000, Duration::ZERO), run(&copies[1], 100, Duration::ZERO));
    expect_exact(&copies[1]);

    // A result corrected long ago: most matches after it change.
    let corrected = &copies[0];
    corrected.client().execute(include_str!("sql/flip_winner.sql"), &[&40_i32]).unwrap();
    let again = TestDatabase::copy_of(corrected);
    expect_cheap_batches(run(corrected, 1_000, Duration::ZERO), run(&again, 100, Duration::ZERO));
    expect_exact(&again);
}

#[test]
fn more_rows_in_a_batch_take_no_more_round_trips() {
    let (few, many) = (unrated(400, 50), unrated(4_000, 50));
    let (few, many) = (run(&few, 100, Duration::ZERO), run(&many, 1_000, Duration::ZERO));
    assert!(few.0.abs_diff(many.0) <= 1, "{few:?} {many:?}");
    assert!(few.1.abs_diff(many.1) <= ROUND_TRIPS_PER_BATCH, "{few:?} {many:?}");
}

#[test]
fn a_tenth_of_a_second_each_way_is_borne() {
    let database = unrated(2_000, 100);
    let (batches, round_trips) = run(&database, 500, Duration::from_millis(100));
    // Ten of the first look what server it is.
    assert!(round_trips <= 35 + batches * ROUND_TRIPS_PER_BATCH, "{batches} {round_trips}");
    expect_exact(&database);
}
