//! The rights that `teelo doctor` asks for are those that the queries need; what is lacking is found, and the fix grants it.

#[path = "support/doctor.rs"]
mod diagnosis;
#[path = "support/feed.rs"]
mod feed;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use diagnosis::{doctor, expect, found};
use feed::{record, write};
use support::{TestDatabase, TestFolder, run};

/// The rights on each table.
type Rights = BTreeMap<String, BTreeSet<String>>;

/// The query files: all below sql/ but the migrations, what `teelo migrate` uses, which needs an owner's rights, and the doctor's own,
/// which only read.
fn queries() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("sql")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            match path.is_dir() {
                true if ["sql/migrations", "sql/migrate", "sql/doctor"]
                    .iter()
                    .any(|part| path.ends_with(part)) => {}
                true => folders.push(path),
                false => found.push(std::fs::read_to_string(path).unwrap()),
            }
        }
    }
    found
}

/// What the doctor's own query lists.
fn listed() -> Rights {
    let text = include_str!("../sql/doctor/rights_read.sql");
    let rows = text.lines().filter_map(|line| line.trim().strip_prefix("VALUES ").or(Some(line.trim())));
    rows.filter_map(|row| {
        let (table, rights) = row.strip_prefix("('")?.split_once("', '")?;
        let rights = rights.split_once('\'')?.0.split(", ");
        Some((table.to_owned(), rights.map(str::to_owned).collect()))
    })
    .collect()
}

/// The rights that a query needs to change tables. Reading is left to the list: every table of it is read.
fn needed(sql: &str, rights: &mut Rights) {
    let code: String = sql.lines().map(|line| line.split("--").next().unwrap().to_owned() + " ").collect();
    let words: Vec<&str> = code
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let mut inserted = None;
    for (index, pair) in words.windows(3).enumerate() {
        let (table, right) = match pair {
            ["INSERT", "INTO", table] => {
                inserted = Some(*table);
                (*table, "INSERT")
            }
            ["DELETE", "FROM", table] => (*table, "DELETE"),
            // ON CONFLICT … DO UPDATE changes the table of the INSERT.
            ["DO", "UPDATE", "SET"] => (inserted.unwrap(), "UPDATE"),
            ["UPDATE", table, next] if index == 0 || !["DO", "FOR", "KEY"].contains(&words[index - 1]) => {
                assert_ne!(*next, "UPDATE");
                (*table, "UPDATE")
            }
            _ => continue,
        };
        rights.entry(table.to_owned()).or_default().insert(right.to_owned());
    }
}

#[test]
fn the_doctor_asks_for_the_rights_that_the_queries_need() {
    let mut rights = Rights::new();
    queries().iter().for_each(|sql| needed(sql, &mut rights));
    let listed = listed();
    assert!(listed.len() > 20 && rights.len() > 15, "{listed:?} {rights:?}");
    // Temporary tables are the session's own.
    for (table, needed) in
        rights.iter().filter(|(table, _)| !table.starts_with("staged_") && *table != "expected_columns")
    {
        let has = listed.get(table).unwrap_or_else(|| panic!("sql/doctor/rights_read.sql lacks {table}"));
        let lacking: Vec<_> = needed.difference(has).collect();
        assert!(lacking.is_empty(), "sql/doctor/rights_read.sql: {table} lacks {lacking:?}");
    }
    for (table, has) in &listed {
        let changes: BTreeSet<_> = has.iter().filter(|right| *right != "SELECT").cloned().collect();
        let needed = rights.get(table).cloned().unwrap_or_default();
        let surplus: Vec<_> = changes.difference(&needed).collect();
        assert!(surplus.is_empty(), "sql/doctor/rights_read.sql: nothing needs {surplus:?} on {table}");
        assert!(has.contains("SELECT"), "{table}");
    }
}

#[test]
fn rights_that_are_lacking_are_found_and_the_fix_grants_them() {
    let database = TestDatabase::new("doctor_rights");
    database.client().batch_execute(include_str!("sql/doctor_reader.sql")).unwrap();
    let reader = database.url().replace("//teelo@", "//doctor_reader@");
    let mut command = doctor(&database);
    command.env("DATABASE_URL", reader);
    let lacking = "error: this role lacks TEMPORARY on database doctor_rights";
    expect(&mut command, "rights", lacking, &["INSERT, UPDATE, DELETE on draw_places", "and ", " more"]);
    let found = found(&mut command, "rights").remove(0);
    let (_, fix) = found.split_once(" -> ").unwrap();
    database.client().batch_execute(fix).unwrap();
    expect(&mut command, "rights", "ok: ", &[]);
    expect(&mut command, "columns", "ok: ", &[]);
    // What was granted is enough to bring results in, to rate them, and to prune.
    let folder = TestFolder::new("doctor_rights");
    write(folder.path(), "atp_matches_2024.csv", &[record(&[])]);
    for arguments in [&["run"][..], &["prune", "--keep-days", "1"]] {
        let mut command = database.command(arguments);
        command.env("DATABASE_URL", database.url().replace("//teelo@", "//doctor_reader@"));
        run(command.env("TEELO_FEED_DIRS", ".").current_dir(folder.path())).expect_code(0);
    }
}

#[test]
fn a_role_that_may_do_next_to_nothing_is_found() {
    let database = TestDatabase::new("doctor_single");
    let mut client = database.client();
    client.batch_execute(include_str!("sql/doctor_single.sql")).unwrap();
    let mut command = doctor(&database);
    command.env("DATABASE_URL", database.url().replace("//teelo@", "//doctor_single@"));
    let error = "error: cannot be checked: cannot connect to the database at ";
    expect(&mut command, "pooler", error, &["too many connections for role", "the role's limit"]);
    // From now on, so that the end of one session need not be waited for.
    client.batch_execute(include_str!("sql/doctor_single_free.sql")).unwrap();
    let error = "error: reading the ledger of migrations: permission denied for table teelo_migrations";
    expect(&mut command, "migrations", error, &["when a right is lacking, grant it"]);
    client.batch_execute(include_str!("sql/doctor_single_grant.sql")).unwrap();
    expect(&mut command, "rights", "error: this role lacks SELECT, INSERT, UPDATE, DELETE on draw_", &[]);
    for (name, error) in [
        ("pending work", "error: cannot be checked: permission denied for table "),
        ("reviews", "error: cannot be checked: permission denied for table "),
        ("last run", "error: the runs cannot be read: "),
    ] {
        expect(&mut command, name, error, &["grant"]);
    }
}
