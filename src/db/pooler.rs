//! Telling a server from a pooler that gives one of its sessions to several clients in turn (PgBouncer in transaction mode).
//! There a lock stays behind in a session that is somebody else's a moment later, and a setting or a temporary table, too.

use postgres::Client;

use super::{OneTrip, connect};
use crate::error::{Context, Error, Result, SHARED_SESSION};

/// Where other clients keep a pooler busy, they may hide in one round what it does; hardly in each.
const ROUNDS: u32 = 2;

/// Looks whether the session of `client`, which was opened by `address`, is its own until it ends. Opens another one for that.
/// Asks by messages that even such a pooler forwards.
///
/// # Errors
/// Usage when it is not, with what to do; Unreachable, or the server's.
pub fn require_sessions_of_its_own(client: &mut Client, address: &str) -> Result<()> {
    let mut other = connect(address, "pooler-check")?;
    let own = process(client)?;
    let mut is_own = true;
    for _ in 0..ROUNDS {
        let seen = [look(&mut other, own)?, look(&mut other, own)?];
        // The process works for the other session, or for other clients of the pooler; or the session gets another process.
        is_own &= seen.iter().all(|look| look.process != own) && seen[0] == seen[1];
        is_own &= process(client)? == own;
    }
    if is_own {
        return Ok(());
    }
    Err(Error::usage(SHARED_SESSION.to_string()))
}

/// What a session sees of another one that rests.
#[derive(PartialEq)]
struct Look {
    /// The server's process behind the session that looks.
    process: i32,
    /// When the process behind the other one worked last; None when the server does not keep account of it.
    worked_at: Option<String>,
}

fn look(client: &mut Client, process: i32) -> Result<Look> {
    let row = client.row(include_str!("../../sql/session_look.sql"), &[&process]).context(|| ASKING)?;
    Ok(Look { process: row.get("process"), worked_at: row.get("worked_at") })
}

/// The server's process behind a session.
fn process(client: &mut Client) -> Result<i32> {
    let row = client.row(include_str!("../../sql/session_process.sql"), &[]).context(|| ASKING)?;
    Ok(row.get(0))
}

const ASKING: &str = "asking the server what this session is";

/// Looks whether two addresses lead to the same database.
///
/// # Errors
/// Usage when they do not; Unreachable, or the server's.
pub fn require_same_database((name, address): (&str, &str), (other_name, other): (&str, &str)) -> Result<()> {
    let database = |name: &str, address: &str| -> Result<String> {
        let mut client = connect(address, "pooler-check").context(|| name.to_owned())?;
        let row = client.row(include_str!("../../sql/session_database.sql"), &[]).context(|| ASKING)?;
        Ok(row.get(0))
    };
    let (found, expected) = (database(name, address)?, database(other_name, other)?);
    if found == expected {
        return Ok(());
    }
    Err(Error::usage(format!(
        "{name} leads to another database ({found}) than {other_name} ({expected}); it has to be the same one, by another way"
    )))
}
