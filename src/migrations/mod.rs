//! Applying numbered SQL files, once each, in order, each in one transaction with its row in the ledger.

mod failure;
mod statements;

use std::time::{Duration, Instant};

use postgres::{Client, Transaction};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::db::OneTrip;
use crate::error::{Context, Error, Kind, Result};
use crate::pipeline::lock;
use crate::pipeline::status_log::timestamp;
use crate::{db, stop};

/// Every migration, in order. A new one is a file and a line here; a file that has landed never changes.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "0001_check_existing_tables",
        sql: include_str!("../../sql/migrations/0001_check_existing_tables.sql"),
    },
    Migration {
        version: 2,
        name: "0002_teelo_tables",
        sql: include_str!("../../sql/migrations/0002_teelo_tables.sql"),
    },
    Migration {
        version: 3,
        name: "0003_drop_idx_matches_elo_pending",
        sql: include_str!("../../sql/migrations/0003_drop_idx_matches_elo_pending.sql"),
    },
    Migration {
        version: 4,
        name: "0004_matches_fillfactor",
        sql: include_str!("../../sql/migrations/0004_matches_fillfactor.sql"),
    },
    Migration {
        version: 5,
        name: "0005_elo_pending",
        sql: include_str!("../../sql/migrations/0005_elo_pending.sql"),
    },
    Migration { version: 6, name: "0006_ingest", sql: include_str!("../../sql/migrations/0006_ingest.sql") },
    Migration {
        version: 7,
        name: "0007_feed_documents",
        sql: include_str!("../../sql/migrations/0007_feed_documents.sql"),
    },
    Migration {
        version: 8,
        name: "0008_player_enrichment",
        sql: include_str!("../../sql/migrations/0008_player_enrichment.sql"),
    },
];

/// The name of the advisory lock that lets one process migrate at a time.
const LOCK_NAME: &str = "teelo_migrate";
/// How long to wait for another process that is migrating: a backfill of a large database takes minutes.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// How often a migration is tried whose tables others are using; each try waits three seconds for them.
const TRIES: u32 = 20;
/// Between two tries: lets those through who had to wait behind us.
const PAUSE_BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// One numbered file.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The number in front of its name: 1, 2, 3 and so on, without gaps.
    pub version: i32,
    /// The file's name, without its ending.
    pub name: &'static str,
    /// The file's content.
    pub sql: &'static str,
}

impl Migration {
    /// SHA-256 of the content, in hexadecimal.
    pub fn checksum(&self) -> String {
        Sha256::digest(self.sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Where the file is in the project.
    fn path(&self) -> String {
        format!("sql/migrations/{}.sql", self.name)
    }
}

/// A row of the ledger: a migration that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The migration's number.
    pub version: i32,
    /// The file's name, without its ending.
    pub name: String,
    /// SHA-256 of the file as it was applied, in hexadecimal.
    pub checksum: String,
    /// When, as `2026-01-02T03:04:05Z`.
    pub applied_at: String,
}

/// The rows of the ledger, in order; none when the database has no ledger yet. Changes nothing.
///
/// # Errors
/// The server's.
pub fn ledger(client: &mut Client) -> Result<Vec<Applied>> {
    let rows = match client.rows(include_str!("../../sql/migrate/ledger_list.sql"), &[]) {
        Err(error) if error.code() == Some(&postgres::error::SqlState::UNDEFINED_TABLE) => Vec::new(),
        other => other.context(|| "reading the ledger of migrations")?,
    };
    let applied = rows.iter().map(|row| Applied {
        version: row.get("version"),
        name: row.get("name"),
        checksum: row.get("checksum"),
        applied_at: row.get("applied_at"),
    });
    Ok(applied.collect())
}

/// The migrations that are not applied yet.
///
/// # Errors
/// The ledger and the migrations contradict each other: a gap, an edited file, or a migration that this program
/// does not know. The message says which and what to do.
pub fn pending<'a>(migrations: &'a [Migration], ledger: &[Applied]) -> Result<&'a [Migration]> {
    for (expected, migration) in (1..).zip(migrations) {
        if migration.version != expected {
            return Err(Error::failed(format!(
                "{} has number {}, but {expected} comes next: the numbers must not have gaps",
                migration.path(),
                migration.version
            )));
        }
    }
    for (expected, applied) in (1..).zip(ledger) {
        let name = &applied.name;
        if applied.version != expected {
            return Err(Error::failed(format!(
                "the ledger teelo_migrations has no migration {expected}, but a later one, {name}: a row was removed. \
                 Restore the row, or the database from a backup"
            )));
        }
        let known = migrations.iter().find(|migration| migration.version == applied.version);
        let Some(migration) = known else {
            return Err(Error::failed(format!(
                "the database has the migration {name}, which this program does not know: a newer teelo has migrated \
                 it. Install that version"
            )));
        };
        if migration.checksum() != applied.checksum || migration.name != *name {
            return Err(Error::failed(format!(
                "{} was edited after it had been applied as {name} at {}: a file that has landed must not change. \
                 Restore it, and put the change into a new migration",
                migration.path(),
                applied.applied_at
            )));
        }
    }
    Ok(&migrations[ledger.len()..])
}

/// Applies what is pending of teelo's own migrations; see [`apply_list`].
///
/// # Errors
/// As [`apply_list`].
pub fn apply(client: &mut Client, now: OffsetDateTime) -> Result<Vec<&'static Migration>> {
    apply_list(client, MIGRATIONS, now)
}

/// Applies what is pending of `migrations`, and returns it. Waits for another process that is migrating.
///
/// # Errors
/// As [`pending`]; Usage when the server takes no writes; or the server refuses a statement. The migrations before that one stay applied, of it nothing.
pub fn apply_list<'a>(
    client: &mut Client,
    migrations: &'a [Migration],
    now: OffsetDateTime,
) -> Result<Vec<&'a Migration>> {
    let key = lock::key_of_name(LOCK_NAME);
    if let Some(holder) = lock::holder(client, key)? {
        log::info!("waiting for {holder}, which is migrating this database");
    }
    lock::acquire(client, key, "migrating this database", LOCK_TIMEOUT)?;
    let applied = apply_pending(client, migrations, now);
    let released = lock::release(client, key);
    applied.and_then(|applied| released.map(|_| applied))
}

fn apply_pending<'a>(
    client: &mut Client,
    migrations: &'a [Migration],
    now: OffsetDateTime,
) -> Result<Vec<&'a Migration>> {
    let ledger = ledger(client)?;
    let pending = pending(migrations, &ledger)?;
    if !pending.is_empty() {
        db::require_writable(client)?;
    }
    let mut applied = Vec::new();
    for migration in pending {
        let started = Instant::now();
        apply_patiently(client, migration, now)?;
        log::info!("applied {} in {:.1} s", migration.name, started.elapsed().as_secs_f64());
        applied.push(migration);
    }
    Ok(applied)
}

/// Applies one migration, again and again while others use its tables.
fn apply_patiently(client: &mut Client, migration: &Migration, now: OffsetDateTime) -> Result<()> {
    for _ in 1..TRIES {
        match apply_one(client, migration, now) {
            Err(error) if error.is_retryable() || error.sqlstate() == Some("55P03") => {
                log::info!("{}: a table is in use by others, trying again", migration.name);
                stop::sleep(PAUSE_BETWEEN_TRIES)?;
            }
            other => return other,
        }
    }
    apply_one(client, migration, now)
}

/// Applies one migration and notes it in the ledger, in one transaction.
fn apply_one(client: &mut Client, migration: &Migration, now: OffsetDateTime) -> Result<()> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute(include_str!("../../sql/migrate/transaction_configure.sql"))?;
    for statement in statements::split(migration.sql) {
        let result = transaction.batch_execute(statement.text);
        result.map_err(|error| failure::describe(migration, statement, error))?;
    }
    let place = || format!("noting {} in the ledger", migration.name);
    if migration.version == 1 {
        transaction.batch_execute(include_str!("../../sql/migrate/ledger_create.sql")).context(place)?;
    }
    let now = timestamp(now);
    transaction
        .change(
            include_str!("../../sql/migrate/ledger_insert.sql"),
            &[&migration.version, &migration.name, &migration.checksum(), &now],
        )
        .context(place)?;
    transaction.commit().context(|| format!("committing {}", migration.name))
}

/// Makes sure, with one cheap query, that the database has the tables that this program needs.
///
/// # Errors
/// Usage, saying to run `teelo migrate`, when migrations are pending; or as [`pending`].
pub fn require_current(client: &mut Client) -> Result<()> {
    let ledger = ledger(client)?;
    let problem = match pending(MIGRATIONS, &ledger)?.len() {
        0 => return Ok(()),
        _ if ledger.is_empty() => "the database has no teelo tables yet".to_owned(),
        1 => "1 migration is pending".to_owned(),
        count => format!("{count} migrations are pending"),
    };
    Err(Error::new(Kind::Usage, format!("{problem}; run `teelo migrate`")))
}

/// Makes the temporary table expected_columns, for as long as the transaction lasts: what the first migration found or made of
/// Teelo's tables.
///
/// # Errors
/// The server's.
pub fn expect_columns(transaction: &mut Transaction<'_>) -> Result<()> {
    const TABLE_AND_ROWS: usize = 2;
    for statement in statements::split(MIGRATIONS[0].sql).iter().take(TABLE_AND_ROWS) {
        transaction.batch_execute(statement.text).context(|| "listing the expected columns")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: [Migration; 2] = [
        Migration { version: 1, name: "0001_one", sql: "SELECT 1" },
        Migration { version: 2, name: "0002_two", sql: "SELECT 2" },
    ];

    fn applied(migration: &Migration) -> Applied {
        Applied {
            version: migration.version,
            name: migration.name.to_owned(),
            checksum: migration.checksum(),
            applied_at: "2026-01-02T03:04:05Z".to_owned(),
        }
    }

    fn refusal(migrations: &[Migration], ledger: &[Applied]) -> String {
        pending(migrations, ledger).unwrap_err().to_string()
    }

    #[test]
    fn what_the_ledger_lacks_is_pending() {
        let names =
            |ledger: &[Applied]| pending(&TWO, ledger).unwrap().iter().map(|m| m.version).collect::<Vec<_>>();
        assert_eq!(names(&[]), [1, 2]);
        assert_eq!(names(&[applied(&TWO[0])]), [2]);
        assert!(names(&[applied(&TWO[0]), applied(&TWO[1])]).is_empty());
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(refusal(&TWO, &[applied(&TWO[1])]).contains("has no migration 1, but a later one, 0002_two"));
        assert!(
            refusal(&TWO[..1], &[applied(&TWO[0]), applied(&TWO[1])])
                .contains("0002_two, which this program")
        );
        let edited = Migration { sql: "SELECT 3", ..TWO[0] };
        assert!(refusal(&[edited], &[applied(&TWO[0])]).contains("sql/migrations/0001_one.sql was edited"));
        let renamed = Migration { name: "0001_uno", ..TWO[0] };
        assert!(refusal(&[renamed], &[applied(&TWO[0])]).contains("sql/migrations/0001_uno.sql was edited"));
        assert!(refusal(&TWO[1..], &[]).contains("0002_two.sql has number 2, but 1 comes next"));
    }

    #[test]
    fn the_list_has_no_gaps_and_its_names_carry_its_numbers() {
        assert_eq!(pending(MIGRATIONS, &[]).unwrap().len(), MIGRATIONS.len());
        for migration in MIGRATIONS {
            assert!(migration.name.starts_with(&format!("{:04}_", migration.version)), "{}", migration.name);
        }
    }
}
