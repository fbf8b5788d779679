//! Looks at everything that a run needs, and says for each thing whether it is as it should be, and if not, what to do.
//! Changes nothing.

mod history;
mod machine;
mod session;
mod tables;

use std::ffi::OsString;
use std::path::PathBuf;

use postgres::{Client, Transaction};
use serde::Serialize;
use time::OffsetDateTime;

use crate::error::{Context, Kind, Result};
use crate::pipeline::artifacts::Root;
use crate::pipeline::status_log::timestamp;
use crate::{db, migrations};

pub use machine::check_systemd;

/// Grows when a field changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Good to know.
    Information,
    /// Works, but should be looked at.
    Warning,
    /// Does not work, or will not.
    Error,
}

/// What was found out about one thing.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// The thing.
    pub name: &'static str,
    /// How serious it is.
    pub level: Level,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// Everything that was found out.
#[derive(Debug, Serialize)]
pub struct Report {
    schema_version: u32,
    /// When.
    pub checked_at: String,
    /// Whether nothing is of [`Level::Error`].
    pub is_healthy: bool,
    /// The checks, in order.
    pub checks: Vec<Check>,
}

/// What is to be looked at.
#[derive(Debug)]
pub struct Settings {
    /// What is wrong with the settings themselves, each in words that say what to do.
    pub problems: Vec<String>,
    /// The database's address; None when it is not known.
    pub database_url: Option<String>,
    /// The variable that gives it.
    pub database_variable: &'static str,
    /// The address in DATABASE_URL when `database_url` is another one: for the programs that a run starts.
    pub program_database_url: Option<String>,
    /// The pipeline's lock.
    pub lock_key: Option<i64>,
    /// Where runs leave their files.
    pub artifacts: Option<Root>,
    /// The feed folders of our own ingest.
    pub feeds: Vec<PathBuf>,
    /// The programs that a run starts: the variable that names each, and its words.
    pub programs: Vec<(&'static str, Vec<OsString>)>,
    /// PATH, where programs are looked up.
    pub search_path: Option<OsString>,
    /// Where the numbers for Prometheus go.
    pub textfile: Option<PathBuf>,
    /// How many days runs are kept; None: for ever.
    pub keep_days: Option<u32>,
    /// The file system's root, to look for systemd's units.
    pub system_root: PathBuf,
}

/// Looks at everything, at `now`.
pub fn examine(settings: &Settings, now: OffsetDateTime) -> Report {
    let mut findings = Findings::default();
    match settings.problems.as_slice() {
        [] => findings.ok("settings", "every flag's and variable's value can be read"),
        problems => problems
            .iter()
            .for_each(|problem| findings.error("settings", problem, "set it as the message says")),
    }
    if let Some(address) = &settings.database_url {
        let variable = settings.database_variable;
        match db::connect(address, "doctor") {
            Ok(mut client) => examine_database(&mut client, address, settings, now, &mut findings),
            Err(error) => findings.error(
                "connection",
                error.to_string(),
                format!("start the server, or mend {variable}: whatever `psql \"${variable}\"` reaches, teelo reaches"),
            ),
        }
    }
    machine::examine(settings, &mut findings);
    let is_healthy = findings.0.iter().all(|check| check.level < Level::Error);
    Report { schema_version: SCHEMA_VERSION, checked_at: timestamp(now), is_healthy, checks: findings.0 }
}

fn examine_database(
    client: &mut Client,
    address: &str,
    settings: &Settings,
    now: OffsetDateTime,
    findings: &mut Findings,
) {
    findings.ok("connection", "a session can be opened");
    let own = (settings.database_variable, address);
    if let Some(programs) = &settings.program_database_url {
        session::addresses(own, programs, findings);
    }
    if !session::is_own(client, own, findings) {
        // What would be asked next might be answered by another session each time.
        return;
    }
    findings.ask(client, "server", session::server);
    findings.ask(client, "clock", |session, findings| session::clock(session, now, findings));
    findings.ask(client, "encryption", session::encryption);
    match migrations::require_current(client) {
        Ok(()) => findings.ok("migrations", "every migration is applied"),
        Err(error) => {
            let fix = match error.kind() {
                Kind::Usage => "run `teelo migrate`",
                _ => "do what the message says; when a right is lacking, grant it",
            };
            let fix = format!("{fix}; the other checks of the tables follow then");
            return findings.error("migrations", error.to_string(), fix);
        }
    }
    tables::examine(client, findings);
    history::examine(client, settings, now, findings);
}

/// What was found so far.
#[derive(Debug, Default)]
pub struct Findings(Vec<Check>);

impl Findings {
    /// The checks so far.
    pub fn checks(&self) -> &[Check] {
        &self.0
    }

    fn ok(&mut self, name: &'static str, message: impl Into<String>) {
        self.0.push(Check { name, level: Level::Ok, message: message.into(), fix: None });
    }

    fn information(&mut self, name: &'static str, message: impl Into<String>, fix: impl Into<String>) {
        self.add(Level::Information, name, message, fix);
    }

    fn warning(&mut self, name: &'static str, message: impl Into<String>, fix: impl Into<String>) {
        self.add(Level::Warning, name, message, fix);
    }

    fn error(&mut self, name: &'static str, message: impl Into<String>, fix: impl Into<String>) {
        self.add(Level::Error, name, message, fix);
    }

    fn add(&mut self, level: Level, name: &'static str, message: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Check { name, level, message: message.into(), fix: Some(fix.into()) });
    }

    /// Asks the server, in a transaction of which nothing stays; that it does not answer is a finding.
    fn ask(
        &mut self,
        client: &mut Client,
        name: &'static str,
        question: impl FnOnce(&mut Transaction<'_>, &mut Self) -> Result<()>,
    ) {
        if let Err(error) = self.try_ask(client, question) {
            let fix = "when a right is lacking, grant it; else look at the server's log";
            self.error(name, format!("cannot be checked: {error}"), fix);
        }
    }

    fn try_ask(
        &mut self,
        client: &mut Client,
        question: impl FnOnce(&mut Transaction<'_>, &mut Self) -> Result<()>,
    ) -> Result<()> {
        let mut transaction = client.transaction()?;
        transaction.batch_execute(include_str!("../../sql/doctor/transaction_configure.sql"))?;
        question(&mut transaction, self)?;
        transaction.rollback().context(|| "ending a transaction of nothing but questions")
    }
}
