//! Opening a session with the database: the one place that connects, and it does so as libpq (and psql) would.
//!
//! An address is a string: a URL or `name=value`. [`complete`] adds what the environment says; [`connect`] knows only the string.

mod address;
mod conninfo;
mod one_trip;
mod parameter;
mod passfile;
mod pooler;
mod service;
mod session;
mod target;
mod tls;
mod writable;

use postgres::Client;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

pub use address::{Variables, complete, variable_names};
pub use one_trip::{OneTrip, Parameter};
pub use pooler::{require_same_database, require_sessions_of_its_own};
pub use writable::{obstacle_to_writing, require_writable};

use crate::error::{Context, Result};
use crate::stop::Queries;

/// Opens a session as `teelo/<purpose>`, in UTC. Its queries end when the process has to (stop.rs).
///
/// # Errors
/// Usage when the address cannot be read, or one of the files that it names; Unreachable or ServerDown when no session can be
/// opened; the reason when the process has to end.
pub fn connect(address: &str, purpose: &str) -> Result<Client> {
    open(address, purpose, Queries::End)
}

/// Opens a session that may still record how far the work came when the process has to end.
///
/// # Errors
/// As [`connect`].
pub fn connect_to_record(address: &str, purpose: &str) -> Result<Client> {
    open(address, purpose, Queries::Finish)
}

fn open(address: &str, purpose: &str, queries: Queries) -> Result<Client> {
    let parameters = conninfo::parse(address).context(|| "the database's address cannot be read")?;
    session::open(&target::Target::new(&parameters)?, purpose, queries)
}

/// `now` as the timestamp columns hold it: UTC without a time zone.
pub fn utc(now: OffsetDateTime) -> PrimitiveDateTime {
    let now = now.to_offset(UtcOffset::UTC);
    PrimitiveDateTime::new(now.date(), now.time())
}
