//! In what order tasks are done, however many workers there are, on however many hosts: they are claimed, read and given their ids one
//! at a time, and what one of them writes to an edition is there before the next one looks at it.

use std::time::{Duration, Instant};

use postgres::Client;

use crate::db::OneTrip;
use crate::error::{Context, Error, Kind, Result};
use crate::pipeline::lock;
use crate::stop;

/// Held while files are queued, and while a task is claimed, read and given its ids.
const ORDER_LOCK_NAME: &str = "teelo_ingest_order";
/// Another host holds it for the time of reading one file, a second or so; far more means that it hangs.
const WAIT_MAX: Duration = Duration::from_secs(300);
/// The locks on editions have this class.
const EDITION_LOCK_NAME: &str = "teelo_ingest_edition";
/// So many locks serve all editions: a server has room for some thousands. Two editions that share one only wait for each other.
const EDITION_LOCKS: i32 = 256;
/// Between two looks at a lock that another worker holds, who writes one document.
const PAUSE: Duration = Duration::from_millis(5);

/// Does `work` while this session alone, of all hosts, may queue, claim and give ids.
///
/// # Errors
/// That of `work`, or the lock is not free for minutes.
pub fn in_order<T>(client: &mut Client, work: impl FnOnce(&mut Client) -> Result<T>) -> Result<T> {
    let key = lock::key_of_name(ORDER_LOCK_NAME);
    lock::acquire(client, key, "the order of ingest tasks", WAIT_MAX)?;
    let result = work(client);
    if !client.is_closed() {
        lock::release(client, key)?;
    }
    result
}

/// Takes the session's locks on the editions of a document, waiting for the documents before this one. Called in order, so nobody waits
/// for whom we hold up.
///
/// # Errors
/// They are not free for minutes, or the server's.
pub fn lock_editions(client: &mut Client, edition_ids: &[i32]) -> Result<()> {
    let mut missing: Vec<i32> = edition_ids.iter().map(|id| id.rem_euclid(EDITION_LOCKS)).collect();
    missing.sort_unstable();
    missing.dedup();
    let started = Instant::now();
    while !missing.is_empty() {
        let held = client
            .rows(include_str!("../../sql/ingest/edition_locks_try.sql"), &[&class(), &missing])
            .context(|| "taking the locks on editions")?;
        missing = held.iter().map(|row| row.get("held")).collect();
        if started.elapsed() > WAIT_MAX {
            return Err(Error::new(Kind::LockHeld, "another worker has held an edition for minutes"));
        }
        if !missing.is_empty() {
            stop::sleep(PAUSE)?;
        }
    }
    Ok(())
}

/// Gives all locks of the session back: those on its task, and on the editions that it wrote.
///
/// # Errors
/// The server's.
pub fn release_all(client: &mut Client) -> Result<()> {
    client.row(include_str!("../../sql/ingest/locks_release.sql"), &[]).context(|| "giving locks back")?;
    Ok(())
}

/// The upper half of the locks' keys.
fn class() -> i32 {
    (lock::key_of_name(EDITION_LOCK_NAME) >> 32) as i32
}
