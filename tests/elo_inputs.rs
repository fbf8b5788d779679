//! The database notices everything (ELO.md, law 2): each input of the ratings is one of the triggers' columns, and every way to
//! change one leaves a row in elo_pending.

mod support;

use std::collections::BTreeSet;

use postgres::Client;
use support::TestDatabase;

const MATCHES_READ: &str = include_str!("../sql/elo/matches_read.sql");

/// The columns that `sql` takes of `table`, written as `table.column`. Comments do not count.
fn columns_read(sql: &str, table: &str) -> BTreeSet<String> {
    let code: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or("")).collect();
    code.join("\n")
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
        .filter_map(|word| word.strip_prefix(table)?.strip_prefix('.'))
        .map(str::to_owned)
        .collect()
}

/// The inputs of `matches`: what the fold reads but does not write, and which version wrote it.
fn inputs() -> BTreeSet<String> {
    let outputs = [
        "elo_pre_player_a",
        "elo_pre_player_b",
        "elo_post_player_a",
        "elo_post_player_b",
        "elo_params_version",
    ];
    let mut columns = columns_read(MATCHES_READ, "matches");
    for output in outputs {
        assert!(columns.remove(output), "{output} is no longer read");
    }
    columns
}

/// The definition of the update trigger on a table, as the server tells it: its columns, and its condition.
fn update_trigger(client: &mut Client, table: &str) -> (BTreeSet<String>, String) {
    let row = client.query_one(include_str!("sql/trigger_definition.sql"), &[&table]).unwrap();
    let columns: Vec<String> = row.get("columns");
    (columns.into_iter().collect(), row.get("condition"))
}

#[test]
fn every_input_of_the_fold_is_in_the_triggers() {
    let database = TestDatabase::new("inputs");
    let mut client = database.client();
    let inputs = inputs();
    assert!(inputs.len() >= 9, "{inputs:?}");
    let read = [
        ("matches", inputs),
        ("tournament_editions", BTreeSet::from(["tournament_id".to_owned()])),
        ("tournaments", columns_read(MATCHES_READ, "tournaments")),
    ];
    for (table, mut inputs) in read {
        if table != "matches" {
            inputs.remove("id"); // referenced by a foreign key: it cannot change below a match
        }
        let (columns, condition) = update_trigger(&mut client, table);
        for input in &inputs {
            assert!(columns.contains(input), "{table}.{input}: not in the trigger's UPDATE OF");
            for side in ["old", "new"] {
                let compared = columns_read(&condition, side).contains(input);
                assert!(compared, "{table}.{input}: not in the trigger's WHEN ({side}): {condition}");
            }
        }
    }
    let mut editions = columns_read(MATCHES_READ, "editions");
    editions.remove("id");
    assert_eq!(
        editions,
        BTreeSet::from(["tournament_id".to_owned()]),
        "another column of tournament_editions"
    );
}

/// A rated history of ten matches, nothing pending, and a role that may write matches and nothing else.
fn rated() -> TestDatabase {
    let database = TestDatabase::new("inputs");
    let mut client = database.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&6]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&10, &6]).unwrap();
    database.teelo(&["elo"]).expect_code(0);
    client.batch_execute(include_str!("sql/inputs_writer.sql")).unwrap();
    database
}

/// Does `changes` in a transaction that is rolled back, and returns what was noted meanwhile.
fn noted(client: &mut Client, changes: &str) -> i64 {
    let mut transaction = client.transaction().unwrap();
    transaction.batch_execute(changes).unwrap_or_else(|error| panic!("{changes}: {error:?}"));
    transaction.batch_execute("RESET ROLE").unwrap();
    transaction.query_one(include_str!("../sql/elo/pending_count.sql"), &[]).unwrap().get(0)
}

#[test]
fn each_input_is_noticed_whoever_writes_it() {
    let database = rated();
    let mut client = database.client();
    let changes = [
        ("id", "1000"),
        ("status", "'retired'"),
        ("winner_id", "CASE winner_id WHEN player_a_id THEN player_b_id ELSE player_a_id END"),
        ("temporal_order", "temporal_order + 1"),
        ("tournament_edition_id", "1 + tournament_edition_id % 8"),
        ("player_a_id", "player_b_id"),
        ("player_b_id", "player_a_id"),
        ("match_date", "match_date + 1"),
        ("score_structured", "'[{\"a\": 6, \"b\": 0}]'"),
        ("elo_needs_recompute", "true"),
    ];
    assert_eq!(
        inputs(),
        changes.iter().map(|(column, _)| (*column).to_owned()).collect(),
        "an input without a case"
    );
    for role in ["", "SET LOCAL ROLE inputs_writer;", "SET LOCAL session_replication_role = replica;"] {
        for (column, value) in changes {
            let statement = format!("{role} UPDATE matches SET {column} = {value} WHERE id = 3");
            assert!(noted(&mut client, &statement) >= 1, "{statement}");
            let same = format!("{role} UPDATE matches SET {column} = {column} WHERE id = 3");
            assert_eq!(noted(&mut client, &same), 0, "{same}");
        }
        for statement in [
            "DELETE FROM matches WHERE id = 3",
            "INSERT INTO matches (id, source, player_a_id, player_b_id, status, created_at, updated_at) \
             VALUES (77, 't', 1, 2, 'upcoming', '2020-01-01', '2020-01-01')",
            "UPDATE tournaments SET level = 'ITF M15' WHERE id = 1",
            "UPDATE tournaments SET tour = 'WTA' WHERE id = 1",
            "UPDATE tournament_editions SET tournament_id = 1 + tournament_id % 4",
        ] {
            assert!(noted(&mut client, &format!("{role} {statement}")) >= 1, "{role} {statement}");
        }
    }
}

#[test]
fn every_kind_of_statement_is_noticed() {
    let database = rated();
    let mut client = database.client();
    let insert = "INSERT INTO matches (id, source, tournament_edition_id, player_a_id, player_b_id, winner_id, status, \
                  temporal_order, created_at, updated_at) SELECT id, source, tournament_edition_id, player_a_id, \
                  player_b_id, player_b_id, 'retired', temporal_order, created_at, updated_at FROM matches WHERE id = 3";
    let merge = "MERGE INTO matches USING (VALUES (3), (300)) AS given (id) ON matches.id = given.id \
                 WHEN MATCHED THEN UPDATE SET status = 'retired' \
                 WHEN NOT MATCHED THEN INSERT (id, source, player_a_id, player_b_id, status, created_at, updated_at) \
                 VALUES (given.id, 't', 1, 2, 'upcoming', '2020-01-01', '2020-01-01')";
    let statements = [
        (1, format!("{insert} ON CONFLICT (id) DO UPDATE SET status = excluded.status")),
        (0, format!("{insert} ON CONFLICT (id) DO NOTHING")),
        (1, "CREATE VIEW seen AS SELECT * FROM matches; UPDATE seen SET status = 'retired' WHERE id = 3".to_owned()),
        (1, "TRUNCATE matches CASCADE".to_owned()),
        (2, "UPDATE matches SET status = 'cancelled' WHERE id = 3".to_owned()),
        (0, "UPDATE matches SET court = 'x', round = 'F', updated_at = '2020-01-02', elo_post_player_a = 5".to_owned()),
        (0, "UPDATE tournaments SET name = 'x', surface = 'Clay'; UPDATE tournament_editions SET year = year + 1".to_owned()),
        (0, "DELETE FROM matches WHERE id = 999".to_owned()),
    ];
    for (expected, statement) in &statements {
        assert_eq!(noted(&mut client, statement), *expected, "{statement}");
    }
    let version: i32 =
        client.query_one("SHOW server_version_num", &[]).unwrap().get::<_, String>(0).parse().unwrap();
    if version >= 150_000 {
        assert_eq!(noted(&mut client, merge), 2, "{merge}");
    }
}

#[test]
fn rows_that_are_copied_in_are_noticed() {
    let database = rated();
    let mut client = database.client();
    let mut transaction = client.transaction().unwrap();
    let copy =
        "COPY matches (id, source, player_a_id, player_b_id, status, created_at, updated_at) FROM STDIN";
    let mut writer = transaction.copy_in(copy).unwrap();
    for id in 500..520 {
        let line = format!("{id}\tt\t1\t2\tupcoming\t2020-01-01\t2020-01-01\n");
        std::io::Write::write_all(&mut writer, line.as_bytes()).unwrap();
    }
    assert_eq!(writer.finish().unwrap(), 20);
    let count: i64 = transaction.query_one(include_str!("../sql/elo/pending_count.sql"), &[]).unwrap().get(0);
    assert_eq!(count, 20);
}
