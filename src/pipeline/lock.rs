//! Advisory locks of the session that writes. Only polled, never waited for: a blocking advisory lock
//! deadlocks CREATE INDEX CONCURRENTLY.

use std::fmt;
use std::time::{Duration, Instant};

use postgres::GenericClient;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::db::OneTrip;
use crate::error::{Context, Error, Kind, Result};
use crate::stop;

/// Between two attempts: at first short, for locks that are held for moments, then long enough not to load the server.
const POLL_INTERVALS: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

/// The lock key of a name: the first 8 bytes of its SHA-256, big-endian, signed (DATABASE.md), so that the
/// legacy orchestrator takes the same key.
pub fn key_of_name(name: &str) -> i64 {
    let digest = Sha256::digest(name.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

/// The lock key that the value `text` of the variable `name` means: an integer as it is, anything else hashed.
///
/// # Errors
/// Usage: an integer that does not fit 64 bits.
pub fn key_of_setting(name: &str, text: &str) -> Result<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(key_of_name(text));
    }
    crate::config::parse(name, text, "a name, or an integer of 64 bits")
}

/// Takes the lock `key` for this session, polling until `timeout` has passed.
///
/// # Errors
/// LockHeld with who holds it, when it is not free in time; the reason when the process has to end meanwhile.
pub fn acquire(client: &mut impl GenericClient, key: i64, what: &str, timeout: Duration) -> Result<()> {
    let started = Instant::now();
    let mut pause = POLL_INTERVALS.0;
    loop {
        let tried = include_str!("../../sql/pipeline/lock_try.sql");
        // In one message: what may be a pooler is asked before it is known for one.
        if client.row(tried, &[&key])?.get::<_, bool>(0) {
            return Ok(());
        }
        if started.elapsed() >= timeout {
            let holder = holder(client, key)?
                .map_or_else(|| "a session that has just ended".to_owned(), |holder| holder.to_string());
            return Err(Error::new(
                Kind::LockHeld,
                format!("{what} is locked by {holder}; nothing was written. Try again when it has finished"),
            ));
        }
        stop::sleep(pause.min(timeout))?;
        pause = (pause * 2).min(POLL_INTERVALS.1);
    }
}

/// Gives the lock `key` back, once for each time that this session took it. Returns whether it had it.
///
/// # Errors
/// The server's.
pub fn release(client: &mut impl GenericClient, key: i64) -> Result<bool> {
    let row = client
        .row(include_str!("../../sql/pipeline/lock_release.sql"), &[&key])
        .context(|| "giving the lock back")?;
    Ok(row.get(0))
}

/// A session that holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// The server's process.
    pub pid: i32,
    /// The session's application name.
    pub program: String,
    /// Where it runs; None when the server hides it, because the session is another role's.
    pub host: Option<String>,
    /// When the session began; None when the server hides it.
    pub connected_since: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, program, .. } = self;
        match (&self.host, &self.connected_since) {
            (Some(host), Some(since)) => {
                write!(formatter, "{program} on {host} (server process {pid}, connected since {since})")
            }
            _ => write!(formatter, "{program} (server process {pid}, of another role)"),
        }
    }
}

/// Who holds the lock `key`; None when it is free.
///
/// # Errors
/// The server's.
pub fn holder(client: &mut impl GenericClient, key: i64) -> Result<Option<Holder>> {
    let row = client
        .row_if_any(include_str!("../../sql/pipeline/lock_holder.sql"), &[&key])
        .context(|| "asking who holds the lock")?;
    Ok(row.map(|row| Holder {
        pid: row.get("pid"),
        program: row.get("application_name"),
        host: row.get("host"),
        connected_since: row.get("since"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_an_integer_or_the_hash_of_a_name() {
        let key = |text| key_of_setting("HOURLY_PIPELINE_LOCK_KEY", text);
        assert_eq!(key(" -42 ").expect("an integer"), -42);
        assert_eq!(key("9223372036854775807").expect("an integer"), i64::MAX);
        // The first 8 bytes of `printf teelo_hourly_pipeline | sha256sum`.
        assert_eq!(key("teelo_hourly_pipeline").expect("a name"), 3_085_158_873_381_457_578);
        assert!(key("9223372036854775808").expect_err("too large").to_string().contains("64 bits"));
    }
}
