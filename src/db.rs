//! Opening a session with the database: the one place that connects.

use std::time::Duration;

use postgres::{Client, Config, NoTls};
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::error::{Context, Error, Kind, Result};

/// How long opening the socket may take. A server that is further away than this is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle time before TCP keepalives; the system's two hours would hide a dead peer.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// Opens a session as `teelo/<purpose>`, in UTC.
///
/// # Errors
/// Usage when the address cannot be read; Unreachable when no session can be opened.
pub fn connect(url: &str, purpose: &str) -> Result<Client> {
    let mut config: Config = url.parse().map_err(|error: postgres::Error| {
        Error::usage(format!("DATABASE_URL cannot be read: {}", crate::error::chain(&error)))
    })?;
    let application_name = format!("teelo/{purpose}");
    config
        .connect_timeout(CONNECT_TIMEOUT)
        .keepalives_idle(KEEPALIVE_IDLE)
        .application_name(&application_name);
    let mut client = config.connect(NoTls).map_err(|error| {
        let reason = Error::from(error);
        Error::new(
            Kind::Unreachable,
            format!(
                "cannot connect to the database at {}: {reason}. Is it running, and is DATABASE_URL right?",
                describe(&config)
            ),
        )
    })?;
    client
        .batch_execute(include_str!("../sql/session_configure.sql"))
        .context(|| "configuring the session")?;
    Ok(client)
}

/// `now` as the timestamp columns hold it: UTC without a time zone.
pub fn utc(now: OffsetDateTime) -> PrimitiveDateTime {
    let now = now.to_offset(UtcOffset::UTC);
    PrimitiveDateTime::new(now.date(), now.time())
}

/// Host, port and database, without the password.
fn describe(config: &Config) -> String {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            postgres::config::Host::Tcp(name) => name.clone(),
            postgres::config::Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    let ports: Vec<String> = config.get_ports().iter().map(u16::to_string).collect();
    let port = if ports.is_empty() { "5432".to_owned() } else { ports.join(",") };
    let host = if hosts.is_empty() { "(no host)".to_owned() } else { hosts.join(",") };
    format!("{host} port {port} database {:?}", config.get_dbname().or(config.get_user()).unwrap_or(""))
}
