//! Telling a server that takes writes from one that does not.

use postgres::GenericClient;

use super::OneTrip;
use crate::error::{Context, Error, Obstacle, READ_ONLY_SESSION, Result, STANDBY};

/// Why nothing can be written in this session; None when it can.
///
/// # Errors
/// The server's.
pub fn obstacle_to_writing(session: &mut impl GenericClient) -> Result<Option<Obstacle>> {
    let row = session
        .row(include_str!("../../sql/session_role.sql"), &[])
        .context(|| "asking whether the server takes writes")?;
    Ok(match (row.get("is_standby"), row.get("is_read_only")) {
        (true, _) => Some(STANDBY),
        (false, true) => Some(READ_ONLY_SESSION),
        (false, false) => None,
    })
}

/// Makes sure that this session can write.
///
/// # Errors
/// Usage when it cannot, with what to do; the server's.
pub fn require_writable(session: &mut impl GenericClient) -> Result<()> {
    match obstacle_to_writing(session)? {
        Some(obstacle) => Err(Error::usage(obstacle.to_string())),
        None => Ok(()),
    }
}
