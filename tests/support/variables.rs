//! The environment variables that the program reads, as its source and the units say, for the tests of what is written about them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::rust_text::{Kind, pieces};

/// Words in the source that look like variables and are none: tours, what the demonstration only passes on, and what the compiler reads.
const NOT_READ: [&str; 4] = ["WTA_125", "ITF_WOMEN", "RUST_BACKTRACE", "CARGO_PKG_VERSION"];
/// Read only to say that they are not supported.
const REFUSED: [&str; 2] = ["PGREQUIREAUTH", "PGREQUIREPEER"];
/// Read by what the program is made of: logging, and the system's certificate authorities.
const READ_BY_LIBRARIES: [&str; 3] = ["RUST_LOG", "SSL_CERT_FILE", "SSL_CERT_DIR"];
/// Nobody's to set: where the user's files are, systemd's word that it listens, and what a run tells its ingest program.
const OF_THE_SYSTEM: [&str; 3] = ["HOME", "JOURNAL_STREAM", "TEELO_RUN_ID"];

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the project.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(project().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every variable that can be set: by the source, by what a connection needs, and by the units.
pub fn read_somewhere() -> BTreeSet<String> {
    let mut names = read_by_the_program();
    for unit in ["systemd/teelo.service", "systemd/teelo-failure@.service"] {
        names.extend(read_by_a_unit(&read(unit)));
    }
    names
}

/// The variables that the program reads. Only src/cli and src/config.rs read the environment (tests/tidy.rs).
pub fn read_by_the_program() -> BTreeSet<String> {
    let mut names = BTreeSet::from(READ_BY_LIBRARIES.map(str::to_owned));
    for path in source_files() {
        let source = std::fs::read_to_string(&path).unwrap();
        let texts = pieces(&source).into_iter().filter(|piece| piece.kind == Kind::Text);
        names.extend(texts.filter(|piece| is_name(piece.text)).map(|piece| piece.text.to_owned()));
    }
    names.extend(teelo::db::variable_names().map(str::to_owned));
    for name in NOT_READ.iter().chain(&REFUSED).chain(&OF_THE_SYSTEM) {
        assert!(names.remove(*name), "{name} is an exception without need");
    }
    names
}

/// The files that may read the environment.
fn source_files() -> Vec<PathBuf> {
    let commands = std::fs::read_dir(project().join("src/cli")).unwrap();
    let mut files: Vec<PathBuf> = commands.map(|entry| entry.unwrap().path()).collect();
    files.push(project().join("src/config.rs"));
    assert!(files.iter().all(|path| path.is_file()), "a folder in src/cli is not looked into");
    files
}

/// A whole word in capitals with an underscore inside: what variables of ours look like.
pub fn is_name(text: &str) -> bool {
    text.contains('_')
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.ends_with(|last: char| last.is_ascii_uppercase() || last.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// The variables in a unit's commands that the unit does not set, and that systemd does not set either.
fn read_by_a_unit(unit: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in unit.lines().filter(|line| line.starts_with("Exec")) {
        for rest in line.split("${").skip(1) {
            names.insert(rest[..rest.find(['}', ':']).unwrap()].to_owned());
        }
    }
    names.retain(|name| !name.starts_with("MONITOR_") && !unit.contains(&format!("\nEnvironment={name}=")));
    names
}
