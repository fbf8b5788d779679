//! `teelo verify`: what it finds, what it names, and that it changes nothing.

mod support;

use postgres::Client;
use serde_json::Value;
use support::TestDatabase;

/// A rated history with an unplayed match (id 1006) and matches that cannot be rated.
fn rated() -> TestDatabase {
    let database = TestDatabase::new("verify");
    let mut client = database.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&20]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&400, &20]).unwrap();
    client.batch_execute(include_str!("sql/unratable_matches.sql")).unwrap();
    assert_eq!(database.teelo(&["elo"]).code, Some(3));
    database
}

fn verify(database: &TestDatabase, code: i32) -> Value {
    let output = database.teelo(&["verify", "--json", "--limit", "3"]);
    assert_eq!(output.code, Some(code), "{}{}", output.stdout, output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}

fn dump(client: &mut Client) -> Vec<String> {
    let rows = client.query(include_str!("sql/elo_dump.sql"), &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn what_is_exact_passes_and_stays_as_it_is() {
    let database = rated();
    let mut client = database.client();
    let before = dump(&mut client);
    let found = verify(&database, 0);
    assert_eq!(dump(&mut client), before);
    assert_eq!(found["schema_version"], 1);
    assert_eq!((&found["matches"], &found["players"]), (&Value::from(400), &Value::from(20)));
    assert_eq!(found["unrated_matches"], 1, "the unplayed one");
    assert_eq!((&found["differences"], &found["pending"]), (&Value::from(0), &Value::from(0)));
    let text = database.teelo(&["verify"]);
    assert!(text.stdout.starts_with("verified 400 rated matches"), "{}", text.stdout);
}

#[test]
fn an_empty_database_passes() {
    let found = verify(&TestDatabase::new("verify"), 0);
    assert_eq!((&found["matches"], &found["differences"]), (&Value::from(0), &Value::from(0)));
}

/// Each thing that somebody may break, and the column under which it is found.
#[test]
fn what_somebody_broke_is_named_and_a_rebuild_puts_it_right() {
    let breaks = [
        (
            "UPDATE matches SET elo_post_player_a = elo_post_player_a + 0.01 WHERE id = 77",
            "match.elo_post_player_a",
        ),
        ("UPDATE matches SET elo_pre_player_b = NULL WHERE id = 78", "match.elo_pre_player_b"),
        ("UPDATE matches SET elo_params_version = 'x' WHERE id = 79", "match.elo_params_version"),
        ("UPDATE matches SET elo_pre_player_a = 1 WHERE id = 1006", "match.elo_pre_player_a"),
        ("UPDATE matches SET elo_post_player_b = 1 WHERE id = 1007", "match.elo_post_player_b"),
        ("UPDATE player_elo_states SET rating = 1 WHERE player_id = 5", "player.rating"),
        ("UPDATE player_elo_states SET match_count = 1 WHERE player_id = 5", "player.match_count"),
        ("UPDATE player_elo_states SET last_match_date = NULL WHERE player_id = 5", "player.last_match_date"),
        (
            "UPDATE player_elo_states SET last_temporal_order = 7 WHERE player_id = 5",
            "player.last_temporal_order",
        ),
        ("UPDATE player_elo_states SET career_peak = 9000 WHERE player_id = 5", "player.career_peak"),
        ("DELETE FROM player_elo_states WHERE player_id = 6", "player.rating"),
    ];
    let database = rated();
    let mut client = database.client();
    for (statement, column) in breaks {
        client.batch_execute(statement).unwrap();
        let found = verify(&database, 1);
        assert_eq!(found["differences"], 1, "{statement}: {found}");
        assert_eq!(found["differences_by_column"][column], 1, "{statement}: {found}");
        let first = &found["first_differences"][0];
        assert_ne!(first["stored"], first["expected"]);
        let text = database.teelo(&["verify"]).stdout;
        assert!(text.contains("teelo elo --rebuild"), "{text}");
        assert!(
            database.teelo(&["elo", "--rebuild"]).code == Some(0) || column.starts_with("match"),
            "{statement}"
        );
        if verify_code(&database) != 0 {
            // An unrated match is not part of the replay; looking through all matches finds it.
            assert_eq!(database.teelo(&["elo", "--no-resume"]).code, Some(3), "{statement}");
        }
        verify(&database, 0);
    }
}

fn verify_code(database: &TestDatabase) -> i32 {
    database.teelo(&["verify"]).code.unwrap()
}

#[test]
fn what_is_pending_is_named() {
    let database = rated();
    let mut client = database.client();
    client.execute(include_str!("sql/flip_winner.sql"), &[&300_i32]).unwrap();
    let found = verify(&database, 1);
    assert_eq!(found["pending"], 1);
    assert!(found["pending_from"].as_i64().is_some());
    assert!(found["differences"].as_u64() > Some(3));
    assert_eq!(found["first_differences"].as_array().unwrap().len(), 3, "--limit");
    assert_eq!(found["first_differences"][0]["id"], 300, "the first difference is the changed match");
    assert!(database.teelo(&["verify"]).stdout.contains("run `teelo elo`"));
    assert_eq!(database.teelo(&["elo"]).code, Some(0));
    verify(&database, 0);
}

#[test]
fn wrong_flags_are_refused() {
    let database = TestDatabase::new("verify");
    for arguments in
        [&["verify", "--limit"][..], &["verify", "--limit", "few"], &["verify", "--bogus"], &["verify", "x"]]
    {
        assert_eq!(database.teelo(arguments).code, Some(2), "{arguments:?}");
    }
}
