//! Opening a session with the database: the one place that connects, and it does so as libpq (and psql) would.
//!
//! An address is a string: a URL or `name=value`. [`complete`] adds what the environment says; [`connect`] knows only the string.

mod address;
mod conninfo;
mod parameter;
mod passfile;
mod service;
mod session;
mod target;
mod tls;

use postgres::Client;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

pub use address::{Variables, complete, variable_names};

use crate::error::{Context, Result};

/// Opens a session as `teelo/<purpose>`, in UTC.
///
/// # Errors
/// Usage when the address cannot be read, or one of the files that it names; Unreachable when no session can be opened.
pub fn connect(address: &str, purpose: &str) -> Result<Client> {
    let parameters = conninfo::parse(address).context(|| "the database's address cannot be read")?;
    session::open(&target::Target::new(&parameters)?, purpose)
}

/// `now` as the timestamp columns hold it: UTC without a time zone.
pub fn utc(now: OffsetDateTime) -> PrimitiveDateTime {
    let now = now.to_offset(UtcOffset::UTC);
    PrimitiveDateTime::new(now.date(), now.time())
}
