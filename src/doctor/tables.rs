//! The tables, what belongs to them, and the rights on them.

use postgres::{Client, Transaction};

use super::Findings;
use crate::error::Result;
use crate::{db, migrations};

/// Above, the pages of matches have no room for the update that every match receives.
const FILLFACTOR_MAX: i32 = 80;
/// So many are named; the rest is counted.
const NAMED_MAX: usize = 5;

pub(super) fn examine(client: &mut Client, findings: &mut Findings) {
    findings.ask(client, "rights", rights);
    findings.ask(client, "columns", columns);
    findings.ask(client, "triggers", triggers);
    findings.ask(client, "indexes", indexes);
    findings.ask(client, "fillfactor", fillfactor);
    findings.ask(client, "name search", name_search);
    findings.ask(client, "parameters", parameters);
}

fn rights(session: &mut Transaction<'_>, findings: &mut Findings) -> Result<()> {
    let rows = session.query(include_str!("../../sql/doctor/rights_read.sql"), &[])?;
    let (missing, lacking): (Vec<_>, Vec<_>) =
        rows.iter().partition(|row| row.get::<_, Option<String>>("right_name").is_none());
    if !missing.is_empty() {
        let names = missing.iter().map(|row| row.get("object"));
        let fix = "restore them from a backup; a table of Teelo's own may also be in a schema that search_path does not name";
        findings.error("tables", format!("these tables are not there: {}", named(names)), fix);
    } else {
        findings.ok("tables", "every table is there");
    }
    if lacking.is_empty() {
        findings.ok("rights", "this role may do all that teelo does");
        return Ok(());
    }
    let names = lacking
        .iter()
        .map(|row| format!("{} on {}", row.get::<_, String>("right_name"), row.get::<_, String>("object")));
    let message = format!("this role lacks {}", named(names));
    findings.error("rights", message, statements(lacking.iter().map(|row| row.get("fix"))));
    Ok(())
}

fn columns(session: &mut Transaction<'_>, findings: &mut Findings) -> Result<()> {
    if db::obstacle_to_writing(session)?.is_some() {
        let message = "they can be compared only where a temporary table can be made";
        findings.information("columns", message, "look at them where something can be written");
        return Ok(());
    }
    migrations::expect_columns(session)?;
    let rows = session.query(include_str!("../../sql/doctor/columns_compare.sql"), &[])?;
    if rows.is_empty() {
        findings.ok("columns", "every column of Teelo's tables has a type that will do");
        return Ok(());
    }
    let names = rows.iter().map(|row| {
        let found: Option<String> = row.get("found");
        let (table, column): (String, String) = (row.get("table_name"), row.get("column_name"));
        let expected: String = row.get("expected");
        format!("{table}.{column} {} (expected {expected})", found.as_deref().unwrap_or("is missing"))
    });
    let message = format!("columns are not as teelo needs them: {}", named(names));
    findings.error("columns", message, "somebody changed them after `teelo migrate`: change them back");
    Ok(())
}

fn triggers(session: &mut Transaction<'_>, findings: &mut Findings) -> Result<()> {
    let rows = session.query(include_str!("../../sql/doctor/triggers_read.sql"), &[])?;
    if rows.is_empty() {
        findings.ok("triggers", "every change of a result is noticed");
        return Ok(());
    }
    let then = "Then let `teelo verify` look for what was missed, and `teelo elo --rebuild` mend it";
    for row in rows {
        let (table, trigger): (String, String) = (row.get("table_name"), row.get("trigger_name"));
        let (subject, fix) = (format!("the trigger {trigger} of {table}"), row.get::<_, String>("fix"));
        match row.get::<_, Option<String>>("enabled").as_deref() {
            Some("O") => {
                let message = format!("{subject} does not notice replicated changes");
                findings.warning("triggers", message, format!("{fix} {then}"));
            }
            Some(_) => {
                let message = format!("{subject} is disabled: changed results are not rated again");
                findings.error("triggers", message, format!("{fix} {then}"));
            }
            None => {
                let fix = "create it again, as sql/migrations/0005_elo_pending.sql of the project does";
                let message = format!("{subject} is gone: changed results are not rated again");
                findings.error("triggers", message, format!("{fix}. {then}"));
            }
        }
    }
    Ok(())
}

fn indexes(session: &mut Transaction<'_>, findings: &mut Findings) -> Result<()> {
    let rows = session.query(include_str!("../../sql/doctor/indexes_read.sql"), &[])?;
    if rows.is_empty() {
        findings.ok("indexes", "no index makes ratings slow to write");
    }
    for row in rows {
        let (index, columns): (String, String) = (row.get("index_name"), row.get("columns"));
        let message = format!(
            "the index {index} names {columns}: with it every rating writes all indexes of matches, and takes about six times as long"
        );
        findings.warning("indexes", message, row.get::<_, String>("fix"));
    }
    Ok(())
}

fn fillfactor(session: &mut Transaction<'_>, findings: &mut Findings) -> Result<()> {
    let row = session.query_one(include_str!("../../sql/doctor/fillfactor_read.sql"), &[])?;
    let percent: i32 = row.get("fillfactor");
    if percent <= FILLFACTOR_MAX {
        findings.ok("fillfactor", format!("new pages of matches are filled to {percent}%"));
    } else {
        let message = format!(
            "new pages of matches are filled to {percent}%: ratings find no room on them, and are slow to write"
        );
        findings.warning("fillfactor", message, row.get::<_, String>("fix"));
    }
    Ok(())
}

fn name_search(session: &mut Transaction<'_>, findings: &mut Findings) -> Result<()> {
    let row = session.query_one(include_str!("../../sql/doctor/extension_read.sql"), &[])?;
    match (row.get("is_installed"), row.get("is_available")) {
        (true, _) => findings.ok("name search", "pg_trgm is installed"),
        (false, true) => findings.information(
            "name search",
            "pg_trgm is not installed; teelo works without it, Teelo's own search of names is slower",
            row.get::<_, String>("fix"),
        ),
        (false, false) => findings.information(
            "name search",
            "the server has no pg_trgm; teelo works without it",
            "install the package postgresql-contrib on the server, if Teelo's own search of names is slow",
        ),
    }
    Ok(())
}

fn parameters(session: &mut Transaction<'_>, findings: &mut Findings) -> Result<()> {
    let rows = session.query(include_str!("../../sql/doctor/parameter_sets_read.sql"), &[])?;
    match rows.as_slice() {
        [] => findings.ok("parameters", "no parameter set is active: teelo's own parameters are used"),
        [only] => findings
            .ok("parameters", format!("the parameter set {:?} is used", only.get::<_, String>("name"))),
        [used, others @ ..] => {
            let name: String = used.get("name");
            let others_named = named(others.iter().map(|row| format!("{:?}", row.get::<_, String>("name"))));
            let message = format!(
                "several parameter sets are active: {name:?} is used, as the newest one, and not {others_named}"
            );
            findings.warning("parameters", message, statements(others.iter().map(|row| row.get("fix"))));
        }
    }
    Ok(())
}

/// The first few, with commas, and how many more there are.
fn named(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    let shown = names.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED_MAX) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}

/// Statements to copy, all of them.
fn statements(statements: impl Iterator<Item = String>) -> String {
    statements.collect::<Vec<_>>().join(" ")
}
