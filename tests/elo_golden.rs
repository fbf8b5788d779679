//! Parity (ELO.md, law 1): on real matches that arrive in order, every stored number is the running system's, to the cent.

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use postgres::Client;
use support::TestDatabase;

/// A set of real matches beside the project; their licence forbids having them in it. Continuous integration has
/// them, so there a missing set is a failure.
fn golden_set(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/golden").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is missing", folder.display());
    eprintln!("{} is not there: nothing to compare with", folder.display());
    None
}

/// Copies a gzipped CSV file with a header into a table.
fn copy(client: &mut Client, statement: &str, file: &Path) {
    let unpacked = Command::new("gzip").arg("-dc").arg(file).output().unwrap();
    assert!(unpacked.status.success(), "gzip -dc {}", file.display());
    let mut writer = client.copy_in(statement).unwrap();
    writer.write_all(&unpacked.stdout).unwrap();
    writer.finish().unwrap();
}

fn check(name: &str, matches: i64, players: i64) {
    let Some(folder) = golden_set(name) else { return };
    let database = TestDatabase::new("golden");
    let mut client = database.client();
    client.batch_execute(include_str!("sql/golden_tables.sql")).unwrap();
    copy(&mut client, "COPY golden_matches FROM STDIN (FORMAT csv, HEADER)", &folder.join("matches.csv.gz"));
    copy(
        &mut client,
        "COPY golden_states FROM STDIN (FORMAT csv, HEADER)",
        &folder.join("player_states.csv.gz"),
    );
    client.batch_execute(include_str!("sql/golden_load.sql")).unwrap();

    let output = database.teelo(&["elo"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);

    let row = client.query_one(include_str!("sql/golden_compare.sql"), &[]).unwrap();
    let numbers: Vec<i64> = (0..5).map(|index| row.get(index)).collect();
    assert_eq!(
        numbers,
        [matches, 0, players, 0, players],
        "matches, of them different, states, of them different, states stored"
    );

    let again = database.teelo(&["elo"]);
    assert_eq!(again.code, Some(0));
    assert!(again.stdout.contains("nothing to write"), "{}", again.stdout);
}

#[test]
fn main_tours_of_five_years() {
    check("main-2015-2019", 28_433, 1_614);
}

#[test]
fn all_tiers_of_two_years() {
    check("all-tiers-2016-2017", 68_977, 5_164);
}
