//! The concurrency law (ELO.md, law 6) over random histories: somebody changes matches while runs go on, in transactions of his
//! own, short and long ones, some rolled back. When he has stopped, one more run makes every number exact.
//!
//! TEELO_CONCURRENT_HISTORIES=500 runs more of them.

#[path = "support/history.rs"]
mod history;
#[path = "support/oracle.rs"]
mod oracle;
mod support;

use std::time::Duration;

use history::{Random, operation};
use postgres::Client;
use postgres::error::SqlState;
use support::TestDatabase;
use teelo::elo::stage::{self, Settings};
use teelo::pipeline::metrics::{Metrics, StageFiles};
use time::OffsetDateTime;

/// Histories in a normal test run.
const HISTORIES: u64 = 30;
/// Transactions of the writer in one history.
const TRANSACTIONS: u64 = 60;

fn run(database: &TestDatabase, batch_size: u32) -> Metrics {
    let settings = Settings {
        batch_size,
        max_matches: 0,
        resume: true,
        rebuild: false,
        dry_run: false,
        checkpoint_key: "elo_incremental".to_owned(),
        lock_timeout: Duration::from_secs(5),
    };
    let now = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
    stage::run(database.url(), &settings, &StageFiles::default(), now).unwrap().metrics
}

/// One transaction of the writer; false: it was chosen as the victim of a deadlock.
fn write(client: &mut Client, operations: &[String], pause: Duration, end: &str) -> bool {
    let mut statements = vec!["BEGIN".to_owned()];
    statements.extend_from_slice(operations);
    for (number, statement) in statements.iter().enumerate() {
        if let Err(error) = client.batch_execute(statement) {
            assert_eq!(error.code(), Some(&SqlState::T_R_DEADLOCK_DETECTED), "{statement}: {error:?}");
            client.batch_execute("ROLLBACK").unwrap();
            return false;
        }
        if number > 0 {
            std::thread::sleep(pause);
        }
    }
    client.batch_execute(end).unwrap();
    true
}

/// What the writer does; returns how many deadlocks he lost.
fn write_history(client: &mut Client, random: &mut Random) -> u32 {
    let mut lost = 0;
    for _ in 0..TRANSACTIONS {
        let count = if random.one_in(4) { 4 } else { 1 };
        let operations: Vec<String> = (0..count).map(|_| operation(random)).collect();
        let end = if random.one_in(10) { "ROLLBACK" } else { "COMMIT" };
        let pause = Duration::from_millis(if random.one_in(5) { random.below(15) } else { 0 });
        while !write(client, &operations, pause, end) {
            lost += 1;
            assert!(lost < 1000, "nothing but deadlocks");
        }
    }
    lost
}

/// One history; returns how many runs went on beside the writer.
fn run_history(seed: u64) -> u32 {
    let database = TestDatabase::new("concurrent");
    let mut client = database.client();
    client.batch_execute(include_str!("sql/history_fixture.sql")).unwrap();
    let mut random = Random(seed);
    client.batch_execute(&(0..30).map(|_| operation(&mut random)).collect::<Vec<_>>().join("; ")).unwrap();
    let mut runs = 0;
    let lost = std::thread::scope(|scope| {
        let writer = scope.spawn(|| write_history(&mut client, &mut random));
        while !writer.is_finished() {
            run(&database, 1 + runs % 5);
            runs += 1;
        }
        writer.join().unwrap()
    });
    let last = run(&database, 3);
    assert_eq!(last.details["left_pending"], false, "history {seed}");
    let differences = oracle::differences(&mut client);
    assert!(
        differences.is_empty(),
        "history {seed}, {runs} runs, {lost} deadlocks lost:\n{}",
        differences.join("\n")
    );
    assert_eq!(run(&database, 3).details["batches"], 0, "history {seed}: a second run wrote");
    runs
}

#[test]
fn beside_a_writer_nothing_is_lost() {
    let histories =
        std::env::var("TEELO_CONCURRENT_HISTORIES").map_or(HISTORIES, |count| count.parse().unwrap());
    println!("histories 0 to {}", histories - 1);
    let runs: u32 = std::thread::scope(|scope| {
        let work =
            |thread| (0..histories).filter(move |seed| seed % 2 == thread).map(run_history).sum::<u32>();
        let threads = [scope.spawn(move || work(0)), scope.spawn(move || work(1))];
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(u64::from(runs) > histories, "hardly a run beside the writer: {runs}");
}
