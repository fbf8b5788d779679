//! The server, and the session with it.

use postgres::{Client, SimpleQueryMessage, Transaction};
use time::OffsetDateTime;

use super::Findings;
use crate::db;
use crate::error::{Error, Result};

/// The versions of PostgreSQL for which teelo is made and tested.
const VERSIONS: std::ops::RangeInclusive<i32> = 14..=18;
/// Clocks that are kept by NTP differ by far less.
const SKEW_S_WARNING: f64 = 10.0;
/// A run's times would be in another hour's.
const SKEW_S_ERROR: f64 = 600.0;
/// A statement of a rebuild may take so long on a large database.
const STATEMENT_TIMEOUT_MS_MIN: i64 = 600_000;
/// The same time under other names.
const UTC_NAMES: [&str; 7] = ["UTC", "ETC/UTC", "GMT", "ETC/GMT", "UCT", "ZULU", "UNIVERSAL"];
/// Two clients that ask in turn show a pooler that gives out the session that was used last; it may be busy once.
const POOLER_ROUNDS: usize = 2;

/// Whether the session is ours until it ends, and not one that a pooler gives to others in between.
pub(super) fn is_own(client: &mut Client, address: &str, findings: &mut Findings) -> bool {
    match is_own_session(client, address) {
        Ok(true) => {
            findings.ok("pooler", "sessions lead to the server itself, or a pooler keeps them apart");
            true
        }
        Ok(false) => {
            let message = "a pooler gives one session to several clients in turn (PgBouncer with pool_mode = transaction): locks, \
                           settings and temporary tables would be left behind in sessions of others";
            let fix = "connect to the server itself (its own port, usually 5432), or let the pooler use pool_mode = session for \
                       teelo's user; the other checks of the database follow then";
            findings.error("pooler", message, fix);
            false
        }
        Err(error) => {
            let fix = "teelo needs several sessions at once: look at the server's max_connections and the role's limit";
            findings.error("pooler", format!("cannot be checked: {error}"), fix);
            true
        }
    }
}

fn is_own_session(client: &mut Client, address: &str) -> Result<bool> {
    let mut other = db::connect(address, "doctor")?;
    let own = server_process(client)?;
    let mut is_own = true;
    for _ in 0..POOLER_ROUNDS {
        is_own &= server_process(&mut other)? != own;
        is_own &= server_process(client)? == own;
    }
    Ok(is_own)
}

/// The server's process behind the session, asked by one message, which any pooler forwards.
fn server_process(client: &mut Client) -> Result<String> {
    let messages = client.simple_query(include_str!("../../sql/doctor/backend_pid.sql"))?;
    let value = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    value.map(str::to_owned).ok_or_else(|| Error::failed("the server does not say which process it is"))
}

pub(super) fn server(session: &mut Transaction<'_>, findings: &mut Findings) -> Result<()> {
    let row = session.query_one(include_str!("../../sql/doctor/server_read.sql"), &[])?;
    version(row.get("version"), row.get("major"), findings);
    let (is_standby, is_read_only): (bool, bool) = (row.get("is_standby"), row.get("is_read_only"));
    match (is_standby, is_read_only) {
        (false, false) => findings.ok("writable", "the server takes writes"),
        (true, _) => findings.error(
            "writable",
            "the server is a standby: nothing can be written to it",
            "connect to the primary; with several hosts in DATABASE_URL, add target_session_attrs=read-write",
        ),
        (false, true) => findings.error(
            "writable",
            "sessions are read-only",
            "look for default_transaction_read_only in DATABASE_URL, PGOPTIONS, and the settings of role, database and server",
        ),
    }
    let (encoding, database): (String, String) = (row.get("encoding"), row.get("database"));
    if encoding == "UTF8" {
        findings.ok("encoding", "the database holds names in UTF8");
    } else {
        findings.error(
            "encoding",
            format!("the database {database} is in {encoding}, which cannot hold every player's name"),
            "make a database in UTF8 (createdb --encoding=UTF8 --template=template0) and move the data by pg_dump",
        );
    }
    time_zone(row.get("time_zone"), row.get("default_time_zone"), row.get("time_zone_fix"), findings);
    let timeout_ms: i64 = row.get("statement_timeout_ms");
    if timeout_ms > 0 && timeout_ms < STATEMENT_TIMEOUT_MS_MIN {
        let message = format!(
            "the server ends statements after {} s: a large re-rating or import would fail",
            timeout_ms as f64 / 1000.0
        );
        let fix: String = row.get("statement_timeout_fix");
        findings.warning(
            "statement timeout",
            message,
            format!("{fix} Or add options=-cstatement_timeout=0 to DATABASE_URL"),
        );
    } else {
        findings.ok("statement timeout", "statements may take as long as they need");
    }
    Ok(())
}

fn version(version: String, major: i32, findings: &mut Findings) {
    let message = format!("PostgreSQL {version}");
    let (oldest, newest) = (VERSIONS.start(), VERSIONS.end());
    if major < *oldest {
        let fix = format!("upgrade the server to PostgreSQL {oldest} or later");
        findings.error("server", format!("{message} is older than what teelo supports"), fix);
    } else if major > *newest {
        let fix = format!("look for a newer teelo; this one was tested with PostgreSQL {oldest} to {newest}");
        findings.warning("server", format!("{message} is newer than this teelo"), fix);
    } else {
        findings.ok("server", message);
    }
}

/// The tables' times have no zone and are in UTC; the defaults of some columns are written in the zone of whoever inserts.
fn time_zone(own: String, of_others: Option<String>, fix: String, findings: &mut Findings) {
    let is_utc = |zone: &str| UTC_NAMES.contains(&zone.to_ascii_uppercase().as_str());
    let of_others = of_others.unwrap_or_else(|| own.clone());
    if !is_utc(&own) {
        let fix = "look for what changes the TimeZone of sessions after they were opened, such as a pooler";
        findings.error("time zone", format!("teelo's own session is in {own}, not in UTC"), fix);
    } else if !is_utc(&of_others) {
        let message = format!(
            "other programs' sessions are in {of_others}: what they write into Teelo's tables by default (now(), \
             CURRENT_TIMESTAMP) is not UTC"
        );
        findings.warning("time zone", message, fix);
    } else {
        findings.ok("time zone", "sessions are in UTC");
    }
}

/// Compares the server's clock with ours, which said `now` a moment ago.
pub(super) fn clock(
    session: &mut Transaction<'_>,
    now: OffsetDateTime,
    findings: &mut Findings,
) -> Result<()> {
    let row = session.query_one(include_str!("../../sql/doctor/clock_read.sql"), &[])?;
    let skew_s = row.get::<_, f64>("now_s") - now.unix_timestamp_nanos() as f64 / 1e9;
    // The time that it took to get here is part of the difference.
    let message = match skew_s {
        skew_s if skew_s.abs() < SKEW_S_WARNING => {
            findings.ok("clock", "the server's clock and this machine's agree");
            return Ok(());
        }
        skew_s if skew_s > 0.0 => format!("the server's clock is {skew_s:.0} s ahead of this machine's"),
        skew_s => format!("the server's clock is {:.0} s behind this machine's", -skew_s),
    };
    let fix = "let both machines set their clocks by NTP: chrony, or timedatectl set-ntp true";
    if skew_s.abs() < SKEW_S_ERROR {
        findings.warning("clock", message, fix);
    } else {
        findings.error("clock", message, fix);
    }
    Ok(())
}

pub(super) fn encryption(session: &mut Transaction<'_>, findings: &mut Findings) -> Result<()> {
    let row = session.query_one(include_str!("../../sql/doctor/encryption_read.sql"), &[])?;
    let is_loopback = row.get::<_, Option<bool>>("is_loopback").unwrap_or(false);
    let cipher = row
        .get::<_, bool>("is_encrypted")
        .then(|| format!("{}, {}", row.get::<_, String>("version"), row.get::<_, String>("cipher")));
    judge_encryption(row.get("client"), is_loopback, cipher, findings);
    Ok(())
}

fn judge_encryption(
    client: Option<String>,
    is_loopback: bool,
    cipher: Option<String>,
    findings: &mut Findings,
) {
    match (client, cipher) {
        (None, _) => findings.ok("encryption", "the session is on a socket of this machine"),
        (_, Some(cipher)) => findings.ok("encryption", format!("the session is encrypted: {cipher}")),
        (_, None) if is_loopback => findings.ok("encryption", "the session does not leave this machine"),
        (Some(client), None) => findings.warning(
            "encryption",
            format!(
                "the session is not encrypted, and crosses a network (the server sees it come from {client})"
            ),
            "add sslmode=verify-full and sslrootcert=… to DATABASE_URL: docs/CONFIGURATION.md, TLS",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    fn level(check: impl Fn(&mut Findings)) -> Level {
        let mut findings = Findings::default();
        check(&mut findings);
        findings.checks()[0].level
    }

    #[test]
    fn only_versions_that_were_tested_are_taken_without_a_word() {
        let levels = [13, 14, 18, 19].map(|major| level(|found| version(format!("{major}.1"), major, found)));
        assert_eq!(levels, [Level::Error, Level::Ok, Level::Ok, Level::Warning]);
    }

    #[test]
    fn a_session_across_a_network_is_to_be_encrypted() {
        let judge = |client: Option<&str>, is_loopback, cipher: Option<&str>| {
            let (client, cipher) = (client.map(str::to_owned), cipher.map(str::to_owned));
            level(|found| judge_encryption(client.clone(), is_loopback, cipher.clone(), found))
        };
        assert_eq!(judge(Some("192.0.2.1"), false, None), Level::Warning);
        assert_eq!(judge(Some("192.0.2.1"), false, Some("TLSv1.3, x")), Level::Ok);
        assert_eq!(judge(Some("127.0.0.1"), true, None), Level::Ok);
        assert_eq!(judge(None, false, None), Level::Ok);
    }

    #[test]
    fn utc_has_several_names() {
        let judge = |own: &str, others: &str| {
            level(|found| time_zone(own.to_owned(), Some(others.to_owned()), String::new(), found))
        };
        assert_eq!(judge("UTC", "Etc/UTC"), Level::Ok);
        assert_eq!(judge("UTC", "Europe/Berlin"), Level::Warning);
        assert_eq!(judge("Europe/Berlin", "UTC"), Level::Error);
    }
}
