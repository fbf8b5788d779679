//! The rights that `teelo doctor` asks for are those that the queries need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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
