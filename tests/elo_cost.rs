//! The cost law (ELO.md, law 3): a run writes the rows of which a value changes, each once, and no others.

#[path = "support/oracle.rs"]
mod oracle;
mod support;

use postgres::Client;
use support::TestDatabase;

/// Rows of one table, counted by triggers of this test.
#[derive(Debug, PartialEq, Eq)]
struct Rows {
    written: i64,
    different: i64,
}

/// What runs since the snapshot cost: matches, and states.
fn cost(client: &mut Client) -> (Rows, Rows) {
    let row = client.query_one(include_str!("sql/cost_compare.sql"), &[]).unwrap();
    (
        Rows { written: row.get("matches_written"), different: row.get("matches_different") },
        Rows { written: row.get("states_written"), different: row.get("states_different") },
    )
}

fn snapshot(client: &mut Client) {
    client.batch_execute(include_str!("sql/cost_snapshot.sql")).unwrap();
}

fn flip(client: &mut Client, id: i32) {
    client.execute(include_str!("sql/flip_winner.sql"), &[&id]).unwrap();
}

fn rated(matches: i32, players: i32) -> TestDatabase {
    let database = TestDatabase::new("cost");
    let mut client = database.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&players]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&matches, &players]).unwrap();
    database.teelo(&["elo"]).expect_code(0);
    client.batch_execute(include_str!("sql/cost_audit.sql")).unwrap();
    database
}

#[test]
fn a_run_writes_what_changes_and_nothing_else() {
    let database = rated(100_000, 300);
    let mut client = database.client();

    // One result corrected, about a year before the end: the test's own update comes on top.
    snapshot(&mut client);
    flip(&mut client, 63_500);
    database.teelo(&["elo"]).expect_code(0);
    let (matches, states) = cost(&mut client);
    println!("one result corrected: {matches:?}, {states:?}");
    assert_eq!(matches.written - 1, matches.different);
    assert_eq!(states.written, states.different);
    assert!(
        matches.different > 100 && states.different > 10,
        "the correction hardly shows: {matches:?}, {states:?}"
    );

    // New results, in order: the test's own rows come on top.
    snapshot(&mut client);
    client.batch_execute(include_str!("sql/cost_new_results.sql")).unwrap();
    database.teelo(&["elo"]).expect_code(0);
    let (matches, states) = cost(&mut client);
    assert_eq!(matches, Rows { written: 20, different: 10 });
    assert_eq!(states.written, states.different);
    assert!(states.written <= 20, "{states:?}");

    // There and back again.
    snapshot(&mut client);
    flip(&mut client, 63_500);
    flip(&mut client, 63_500);
    database.teelo(&["elo"]).expect_code(0);
    let nothing = Rows { written: 0, different: 0 };
    assert_eq!(cost(&mut client), (Rows { written: 2, different: 0 }, nothing));
    let differences = oracle::differences(&mut client);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
