//! What the tests of stopping share: telling a program to end, and what it promises then.

// Each test binary uses its own part of it.
#![allow(dead_code)]

use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use postgres::{Client, Transaction};
use rustix::process::{Pid, Signal, kill_process};
use teelo::demo::season::{Options, Season};
use time::macros::date;

use crate::pipeline::{Pipeline, finish, wait_until};
use crate::support::{Output, TestDatabase};

/// What is promised is 5 s; the rest is for a machine on which all tests run at once.
const ENDS_WITHIN: Duration = Duration::from_secs(8);

/// Sends a signal to a program.
pub fn tell(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Sends a signal and waits for the end, which comes in time.
#[track_caller]
pub fn stop(child: Child, signal: Signal) -> Output {
    tell(&child, signal);
    end_in_time(child)
}

/// Waits for the end of a program that has to end now.
#[track_caller]
pub fn end_in_time(child: Child) -> Output {
    let told = Instant::now();
    let output = finish(child);
    println!("ended after {:.2} s", told.elapsed().as_secs_f64());
    assert!(told.elapsed() < ENDS_WITHIN, "it took {:?}\n{}", told.elapsed(), output.stderr);
    output
}

/// A feed of match archives in a pipeline's folder: so many made-up seasons.
pub fn made_up_feed(pipeline: &Pipeline, years: u32) -> PathBuf {
    let feed = pipeline.path("feed");
    std::fs::create_dir(&feed).unwrap();
    let options =
        Options { players: 320, tour_events: 1, challengers: 1, futures: 1, years, ..Options::default() };
    Season::new(7, options).write_archives(&feed, date!(2026 - 02 - 15)).unwrap();
    feed
}

/// Holds the matches, so that whoever reads or writes them waits in the middle of a statement.
pub fn block_matches(client: &mut Client) -> Transaction<'_> {
    let mut transaction = client.transaction().unwrap();
    transaction.batch_execute(include_str!("../sql/matches_block.sql")).unwrap();
    transaction
}

/// No query of an ended program's waits for a lock any more, though the lock is held still: it was cancelled. That its sessions have
/// ended, too, the server may notice a moment later.
#[track_caller]
pub fn expect_no_query(database: &TestDatabase, application_name: &str) {
    assert_eq!(waiting(database, application_name), 0, "the server's query went on");
    wait_until("its sessions have ended", || sessions(database, application_name).is_empty());
}

/// Waits until so many sessions of one purpose wait for somebody's lock.
#[track_caller]
pub fn wait_until_blocked(database: &TestDatabase, application_name: &str, count: i64) {
    wait_until(&format!("{application_name} waits"), || waiting(database, application_name) >= count);
}

/// How many sessions of one purpose wait for somebody's lock.
fn waiting(database: &TestDatabase, application_name: &str) -> i64 {
    let query = include_str!("../sql/sessions_waiting.sql");
    database.client().query_one(query, &[&application_name]).unwrap().get(0)
}

/// The server's processes of the sessions whose application name is like this.
pub fn sessions(database: &TestDatabase, application_name: &str) -> Vec<String> {
    let rows =
        database.client().query(include_str!("../sql/sessions_count.sql"), &[&application_name]).unwrap();
    rows.iter().map(|row| row.get::<_, i32>(0).to_string()).collect()
}

/// A server that takes connections and never says a word; returns its address.
pub fn silent_server() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, format!("host=127.0.0.1 port={port} user=u dbname=d connect_timeout=600"))
}
