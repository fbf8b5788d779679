//! The house rules, checked on the project's own files. A finding names file and line.

#[path = "support/rust_text.rs"]
mod rust_text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rust_text::{Kind, pieces};
use teelo::migrations::MIGRATIONS;

/// A file that is longer holds more than one subject.
const LINES_MAX: usize = 500;

/// The files with this ending in a folder of the project and below, in order, relative to the project.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(project().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no .{ending} file in {folder}");
    found.sort();
    found
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(project().join(path)).unwrap()
}

/// A Rust file of src/ without the unit tests at its end, which may do what they need.
fn shipped(path: &Path) -> String {
    let mut source = read(path);
    if let Some(tests) = source.find("\n#[cfg(test)]\nmod tests {") {
        source.truncate(tests);
    }
    source
}

/// Fails with all findings at once.
#[track_caller]
fn expect_none(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// The words of the code (not of comments or strings) of a Rust file, with their lines. A path such as
/// `std::env` is one word.
fn code_words(source: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    for piece in pieces(source).iter().filter(|piece| piece.kind == Kind::Code) {
        for (index, line) in piece.text.split('\n').enumerate() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let found = line.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
            words.extend(found.map(|word| (piece.line + index, word.to_owned())));
        }
    }
    words
}

/// Findings for every word of the code that begins a forbidden path, or holds a forbidden part.
fn forbidden_words(path: &Path, forbidden: &[&str]) -> Vec<String> {
    let is_forbidden = |word: &str| {
        forbidden.iter().any(|part| {
            word == *part || word.starts_with(&format!("{part}::")) || word.contains(&format!("::{part}"))
        })
    };
    let found = code_words(&shipped(path)).into_iter().filter(|(_, word)| is_forbidden(word));
    found.map(|(line, word)| format!("{}:{line}: `{word}` does not belong here", path.display())).collect()
}

#[test]
fn every_sql_file_is_used() {
    let mut used = BTreeSet::new();
    for path in files("src", "rs") {
        let source = read(&path);
        let pieces = pieces(&source);
        for pair in pieces.windows(2) {
            let includes = ["include_str!(", "include_bytes!("]
                .iter()
                .any(|macro_call| pair[0].text.trim_end().ends_with(macro_call));
            if includes && pair[1].kind == Kind::Text {
                let target =
                    project().join(path.parent().unwrap()).join(pair[1].text).canonicalize().unwrap();
                used.insert(target.strip_prefix(project().canonicalize().unwrap()).unwrap().to_owned());
            }
        }
    }
    let unused = files("sql", "sql").into_iter().filter(|path| !used.contains(path));
    expect_none(unused.map(|path| format!("{}: no include_str! names it", path.display())).collect());
}

#[test]
fn every_migration_file_is_in_the_list_in_order() {
    let listed: Vec<PathBuf> = MIGRATIONS
        .iter()
        .map(|migration| PathBuf::from(format!("sql/migrations/{}.sql", migration.name)))
        .collect();
    assert_eq!(files("sql/migrations", "sql"), listed);
    for migration in MIGRATIONS {
        assert_eq!(migration.sql, read(Path::new(&format!("sql/migrations/{}.sql", migration.name))));
    }
}

#[test]
fn every_sql_file_begins_with_a_comment() {
    let bare = files("sql", "sql").into_iter().filter(|path| !read(path).starts_with("-- "));
    expect_none(
        bare.map(|path| format!("{}:1: begin with a comment: what is it for?", path.display())).collect(),
    );
}

/// SQL without its comments, line by line, in upper case.
fn sql_lines(sql: &str) -> Vec<String> {
    sql.lines().map(|line| line.split("--").next().unwrap_or("").to_uppercase()).collect()
}

#[test]
fn the_clock_is_a_parameter() {
    const CLOCKS: [&str; 9] = [
        "NOW()",
        "CURRENT_TIMESTAMP",
        "CURRENT_DATE",
        "CURRENT_TIME",
        "LOCALTIME",
        "CLOCK_TIMESTAMP",
        "STATEMENT_TIMESTAMP",
        "TRANSACTION_TIMESTAMP",
        "TIMEOFDAY",
    ];
    let mut findings = Vec::new();
    // The doctor compares the server's clock with ours.
    let asks_for_the_time = Path::new("sql/doctor/clock_read.sql");
    for path in files("sql", "sql").into_iter().filter(|path| path != asks_for_the_time) {
        let is_migration = path.starts_with("sql/migrations");
        for (index, line) in sql_lines(&read(&path)).into_iter().enumerate() {
            // The tables of a running Teelo system have such defaults: in a definition, or in the list of expected ones.
            let allowed = ["DEFAULT CURRENT_TIMESTAMP", "'CURRENT_TIMESTAMP'"];
            let rest = if is_migration {
                allowed.iter().fold(line, |line, part| line.replace(part, ""))
            } else {
                line
            };
            if let Some(clock) = CLOCKS.iter().find(|clock| rest.contains(*clock)) {
                findings.push(format!(
                    "{}:{}: {clock}: pass the clock as a parameter",
                    path.display(),
                    index + 1
                ));
            }
        }
    }
    expect_none(findings);
}

#[test]
fn migrations_leave_transactions_to_the_runner() {
    const OPENERS: [&str; 7] =
        ["BEGIN;", "START TRANSACTION", "COMMIT;", "ROLLBACK;", "SAVEPOINT ", "CONCURRENTLY", "VACUUM"];
    let mut findings = Vec::new();
    for path in files("sql/migrations", "sql") {
        for (index, line) in sql_lines(&read(&path)).into_iter().enumerate() {
            if let Some(word) = OPENERS.iter().find(|word| line.contains(*word)) {
                findings.push(format!(
                    "{}:{}: {word}: each file is one transaction",
                    path.display(),
                    index + 1
                ));
            }
        }
    }
    expect_none(findings);
}

#[test]
fn sql_lives_in_sql_files() {
    let mut findings = Vec::new();
    for path in files("src", "rs") {
        let source = shipped(&path);
        for piece in pieces(&source).iter().filter(|piece| piece.kind == Kind::Text && is_sql(piece.text)) {
            findings.push(format!(
                "{}:{}: SQL belongs into a file: {:?}",
                path.display(),
                piece.line,
                piece.text
            ));
        }
    }
    expect_none(findings);
}

/// True when a string holds an SQL statement. Keywords in capitals count anywhere; those in other letters only at
/// the beginning, and with a mark that prose seldom has.
fn is_sql(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    if matches!(
        text.trim(),
        "BEGIN" | "BEGIN;" | "begin;" | "COMMIT" | "COMMIT;" | "commit;" | "ROLLBACK" | "ROLLBACK;"
    ) {
        return true;
    }
    if (0..words.len()).any(|start| begins_statement(&words[start..])) {
        return true;
    }
    const UNMISTAKABLE: [&str; 8] =
        ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "CREATE", "ALTER", "DROP"];
    let upper = text.to_uppercase();
    let words: Vec<&str> = upper.split_whitespace().collect();
    let has_mark = ["$1", "*", " = ", "("].iter().any(|mark| text.contains(mark));
    has_mark && words.first().is_some_and(|first| UNMISTAKABLE.contains(first)) && begins_statement(&words)
}

/// True when the words, in capitals, begin like a statement.
fn begins_statement(words: &[&str]) -> bool {
    const OBJECTS: [&str; 16] = [
        "TABLE",
        "INDEX",
        "TRIGGER",
        "DATABASE",
        "FUNCTION",
        "PROCEDURE",
        "VIEW",
        "SCHEMA",
        "SEQUENCE",
        "TYPE",
        "ROLE",
        "USER",
        "EXTENSION",
        "DOMAIN",
        "RULE",
        "POLICY",
    ];
    const BETWEEN: [&str; 9] =
        ["OR", "REPLACE", "UNIQUE", "TEMP", "TEMPORARY", "UNLOGGED", "MATERIALIZED", "CONSTRAINT", "EVENT"];
    let Some((first, rest)) = words.split_first() else { return false };
    let follows = |word: &str| rest.contains(&word);
    let next = rest.first().copied().unwrap_or("");
    match *first {
        "SELECT" => follows("FROM") || next.contains('('),
        "INSERT" | "MERGE" => next == "INTO",
        "DELETE" => next == "FROM",
        "UPDATE" => rest.iter().take(5).any(|word| *word == "SET"),
        "WITH" => follows("AS") && (follows("SELECT") || follows("(SELECT")),
        "CREATE" | "ALTER" | "DROP" => {
            rest.iter().find(|word| !BETWEEN.contains(word)).is_some_and(|object| OBJECTS.contains(object))
        }
        "TRUNCATE" | "LOCK" | "ANALYZE" | "VACUUM" => {
            next == "TABLE" || (words.len() == 2 && !next.is_empty())
        }
        "COPY" => follows("FROM") || follows("TO"),
        "SET" => {
            ["LOCAL", "SESSION", "TIME"].contains(&next) || rest.get(1).is_some_and(|word| *word == "TO")
        }
        "SHOW" | "LISTEN" | "NOTIFY" => words.len() == 2,
        "START" => next.trim_end_matches(';') == "TRANSACTION",
        "SAVEPOINT" | "RELEASE" => words.len() <= 3 && !next.is_empty(),
        _ => false,
    }
}

#[test]
fn sql_is_told_from_prose() {
    for sql in [
        "SELECT id FROM matches",
        "select * from matches where id = $1",
        "SELECT pg_try_advisory_lock($1)",
        "INSERT INTO players (id) VALUES ($1)",
        "insert into players values ($1)",
        "UPDATE matches SET status = $1",
        "update matches set status = $1",
        "DELETE FROM elo_pending",
        "WITH due AS (SELECT 1) SELECT id FROM due",
        "CREATE TABLE x ()",
        "CREATE UNIQUE INDEX x ON y (z)",
        "create temporary table x (id integer)",
        "CREATE OR REPLACE FUNCTION f()",
        "ALTER TABLE matches SET (fillfactor = 50)",
        "DROP DATABASE {name}",
        "TRUNCATE matches",
        "COPY staged (id) FROM STDIN",
        "COPY {table} TO STDOUT",
        "SET LOCAL lock_timeout TO '3s'",
        "SET jit TO off",
        "SHOW timezone",
        "BEGIN",
        "commit;",
        "START TRANSACTION;",
        "explain why: SELECT id FROM matches",
    ] {
        assert!(is_sql(sql), "not seen: {sql}");
    }
    for prose in [
        "Creates or upgrades the tables. Safe to run at any time",
        "select players from a tour with --tour",
        "Copy the file from DIR to the feed folder (once)",
        "update the settings; set DATABASE_URL to your database",
        "delete it, or set TMPDIR to a folder of your own",
        "begin",
        "commit {id}",
        "create or upgrade the tables",
        "drop table-like output with --json",
        "Start the server; the transaction begins",
        "the database has no teelo tables yet; run `teelo migrate`",
        "DATABASE_URL is not set. Set it to your database (postgresql://user@host/name)",
        "lock the database (SELECT the fields you need)",
        "with --status: print JSON",
        "SET",
        "SELECT",
        "release notes",
    ] {
        assert!(!is_sql(prose), "mistaken for SQL: {prose}");
    }
}

#[test]
fn the_maths_of_ratings_knows_no_world() {
    let forbidden = [
        "postgres",
        "std::fs",
        "std::env",
        "std::io",
        "std::net",
        "std::process",
        "std::time",
        "std::thread",
        "SystemTime",
        "Instant",
        "now_utc",
        "now_local",
        "OffsetDateTime",
        "UtcDateTime",
        "rand",
        "File",
        "env",
        "fs",
        "log",
    ];
    let rooms = [
        "src/elo/id_map.rs",
        "src/elo/margin.rs",
        "src/elo/params.rs",
        "src/elo/players.rs",
        "src/elo/rating.rs",
        "src/elo/replay.rs",
    ];
    expect_none(rooms.iter().flat_map(|path| forbidden_words(Path::new(path), &forbidden)).collect());
}

#[test]
fn only_the_command_line_reads_flags_and_environment() {
    let allowed = |path: &Path| {
        path.starts_with("src/cli") || path == Path::new("src/config.rs") || path == Path::new("src/main.rs")
    };
    let rooms = files("src", "rs").into_iter().filter(|path| !allowed(path));
    expect_none(
        rooms
            .flat_map(|path| {
                forbidden_words(&path, &["std::env", "env::var", "env::var_os", "env::args", "lexopt"])
            })
            .collect(),
    );
}

#[test]
fn the_pipeline_knows_no_elo_but_in_its_list_of_stages() {
    let list = Path::new("src/pipeline/stages.rs");
    let rooms = files("src/pipeline", "rs").into_iter().filter(|path| path != list);
    expect_none(rooms.flat_map(|path| forbidden_words(&path, &["elo"])).collect());
}

#[test]
fn files_are_short() {
    let rust = files("src", "rs").into_iter().chain(files("tests", "rs"));
    let long = rust.map(|path| (read(&path).lines().count(), path)).filter(|(count, _)| *count > LINES_MAX);
    expect_none(
        long.map(|(count, path)| format!("{}: {count} lines, at most {LINES_MAX}", path.display())).collect(),
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    let rust = files("src", "rs").into_iter().chain(files("tests", "rs"));
    let silent = rust.filter(|path| !read(path).starts_with("//! "));
    expect_none(silent.map(|path| format!("{}:1: begin with a //! line", path.display())).collect());
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = read(Path::new("Cargo.toml"));
    let mut section = "";
    let mut findings = Vec::new();
    for (index, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            section = line;
        } else if section.contains("dependencies")
            && line.contains('=')
            && !line.starts_with('#')
            && !line.contains("# ")
        {
            findings.push(format!("Cargo.toml:{}: say why it is needed: {line}", index + 1));
        }
    }
    assert!(manifest.contains("\n[dependencies]\n"));
    expect_none(findings);
}
