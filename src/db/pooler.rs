//! Telling a server from a pooler that gives one of its sessions to several clients in turn (PgBouncer in transaction mode).
//! There a lock stays behind in a session that is somebody else's a moment later, and a setting or a temporary table, too.

use postgres::{Client, SimpleQueryMessage};

use super::connect;
use crate::error::{Context, Error, Result, SHARED_SESSION};

/// A busy pooler's other clients come in between; that they hide it in every round is unlikely enough.
const ROUNDS: u32 = 4;

/// Looks whether the session of `client`, which was opened by `address`, is its own until it ends. Opens another one for that.
/// Asks by messages that even such a pooler forwards.
///
/// # Errors
/// Usage when it is not, with what to do; Unreachable, or the server's.
pub fn require_sessions_of_its_own(client: &mut Client, address: &str) -> Result<()> {
    let mut other = connect(address, "pooler-check")?;
    let own = server_process(client)?;
    let mut is_own = true;
    for _ in 0..ROUNDS {
        // A pooler that gives out the session that was used last shows with two clients, one that takes turns with one.
        is_own &= server_process(&mut other)? != own;
        is_own &= server_process(client)? == own;
    }
    if is_own {
        return Ok(());
    }
    Err(Error::usage(SHARED_SESSION.to_string()))
}

/// Looks whether two addresses lead to the same database.
///
/// # Errors
/// Usage when they do not; Unreachable, or the server's.
pub fn require_same_database((name, address): (&str, &str), (other_name, other): (&str, &str)) -> Result<()> {
    let database = |name: &str, address: &str| -> Result<String> {
        let mut client = connect(address, "pooler-check").context(|| name.to_owned())?;
        ask(&mut client, include_str!("../../sql/session_database.sql"))
    };
    let (found, expected) = (database(name, address)?, database(other_name, other)?);
    if found == expected {
        return Ok(());
    }
    Err(Error::usage(format!(
        "{name} leads to another database ({found}) than {other_name} ({expected}); it has to be the same one, by another way"
    )))
}

/// The server's process behind the session.
fn server_process(client: &mut Client) -> Result<String> {
    ask(client, include_str!("../../sql/session_process.sql"))
}

/// The only value of a query, by the simple protocol: one message, one transaction, nothing prepared.
fn ask(client: &mut Client, query: &str) -> Result<String> {
    let place = || "asking the server what this session is";
    let messages = client.simple_query(query).context(place)?;
    let value = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    value.map(str::to_owned).ok_or_else(|| Error::failed("it does not say").context(place()))
}
