//! Every query file is understood by the server, on the migrated tables.
//!
//! A file that uses a temporary table says which file makes it, in a comment line of its own at the top:
//! `-- needs: sql/ingest/staging_create.sql` (several such lines: in this order).

mod support;

use std::path::{Path, PathBuf};

use postgres::Transaction;
use postgres::error::SqlState;
use support::TestDatabase;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The query files: all below sql/ but the migrations.
fn query_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![project().join("sql")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with("sql/migrations") => {}
                true => folders.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    found
}

/// Prepares the file's statement; a file of several statements is executed.
fn check(transaction: &mut Transaction<'_>, sql: &str) -> Result<(), postgres::Error> {
    let needs: Vec<&str> = sql.lines().filter_map(|line| line.strip_prefix("-- needs: ")).collect();
    for needed in needs {
        let path = project().join(needed.trim());
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        transaction.batch_execute(&text)?;
    }
    let mut attempt = transaction.savepoint("attempt")?;
    match attempt.prepare(sql) {
        Err(error) if is_several_statements(&error) => {
            attempt.rollback()?;
            transaction.batch_execute(sql)
        }
        result => result.map(|_| ()),
    }
}

fn is_several_statements(error: &postgres::Error) -> bool {
    let server = error.as_db_error();
    server.is_some_and(|server| {
        *server.code() == SqlState::SYNTAX_ERROR && server.message().contains("multiple commands")
    })
}

#[test]
fn the_server_understands_every_query_file() {
    let database = TestDatabase::new("prepared");
    let mut client = database.client();
    let mut findings = Vec::new();
    let files = query_files();
    assert!(!files.is_empty());
    for path in files {
        let sql = std::fs::read_to_string(&path).unwrap();
        let mut transaction = client.transaction().unwrap();
        if let Err(error) = check(&mut transaction, &sql) {
            let position = error.as_db_error().and_then(|server| server.position().cloned());
            let shown = path.strip_prefix(project()).unwrap().display();
            findings.push(format!("{shown}: {} {position:?}", teelo::error::Error::from(error)));
        }
        transaction.rollback().unwrap();
    }
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
