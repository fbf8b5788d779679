//! The server, and the session with it.

use postgres::{Client, Transaction};
use time::OffsetDateTime;

use super::Findings;
use crate::db;
use crate::error::{Kind, Obstacle, Result, SHARED_SESSION};

/// Names the address that the programs of a run use, when teelo itself uses another one.
const PROGRAMS_VARIABLE: &str = "DATABASE_URL";
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

/// Whether the session, which the address in `variable` opened, is ours until it ends, and not one that a pooler gives to others in
/// between.
pub(super) fn is_own(
    client: &mut Client,
    (variable, address): (&str, &str),
    findings: &mut Findings,
) -> bool {
    match db::require_sessions_of_its_own(client, address) {
        Ok(()) => {
            let message =
                format!("{variable} leads to the server itself, or to a pooler that keeps sessions apart");
            findings.ok("pooler", message);
            true
        }
        Err(error) if error.kind() == Kind::Usage => {
            let Obstacle { problem, fix } = SHARED_SESSION;
            let fix = format!("{fix}. The other checks of the database follow then");
            findings.error("pooler", format!("{variable}: {problem}"), fix);
            false
        }
        Err(error) => {
            let fix = "teelo needs several sessions at once: look at the server's max_connections and the role's limit";
            findings.error("pooler", format!("cannot be checked: {error}"), fix);
            true
        }
    }
}

/// Looks whether the programs that a run starts, which get another address, meet the same database.
pub(super) fn addresses(own: (&str, &str), programs: &str, findings: &mut Findings) {
    match db::require_same_database(own, (PROGRAMS_VARIABLE, programs)) {
        Ok(()) => {
            let message = format!("{} and {PROGRAMS_VARIABLE} lead to the same database", own.0);
            findings.ok("addresses", message);
        }
        Err(error) => {
            let fix = format!(
                "set {PROGRAMS_VARIABLE}, which the programs of a run use, and {} to the same database",
                own.0
            );
            findings.error("addresses", error.to_string(), fix);
        }
    }
}

pub(super) fn server(session: &mut Transaction<'_>, findings: &mut Findings) -> Result<()> {
    let row = session.query_one(include_str!("../../sql/doctor/server_read.sql"), &[])?;
    version(row.get("version"), row.get("major"), findings);
    match db::obstacle_to_writing(session)? {
        None => findings.ok("writable", "the server takes writes"),
        Some(Obstacle { problem, fix }) => findings.error("writable", problem, fix),
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
