//! `teelo identities`: the review queue, and players who are there twice.

#[path = "support/oracle.rs"]
mod oracle;
mod support;

use serde_json::Value;
use support::TestDatabase;

fn database() -> TestDatabase {
    let database = TestDatabase::new("identities");
    database.client().batch_execute(include_str!("sql/identities.sql")).unwrap();
    database.teelo(&["elo"]).expect_code(0);
    database
}

fn player(database: &TestDatabase, id: i32) -> Option<[String; 5]> {
    let row = database.client().query_opt(include_str!("sql/player_read.sql"), &[&id]).unwrap()?;
    Some([0, 1, 2, 3, 4].map(|column| row.get::<_, Option<String>>(column).unwrap_or_default()))
}

/// Everything that a refused or dry run leaves as it is.
fn everything(database: &TestDatabase) -> Vec<Option<[String; 5]>> {
    (1..=9).map(|id| player(database, id)).collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_merge_moves_everything_and_the_ratings_follow() {
    let database = database();
    let before = everything(&database);
    let dry = database.teelo(&["identities", "merge", "1", "2", "--dry-run", "--json"]).expect_code(0);
    assert_eq!(everything(&database), before, "a dry run changed something");

    let merged = database.teelo(&["identities", "merge", "1", "2", "--json"]).expect_code(0);
    let (dry, merged) = (json(&dry.stdout), json(&merged.stdout));
    for name in ["matches_moved", "aliases_moved", "external_ids_moved", "review_rows_moved", "doubles"] {
        assert_eq!(dry[name], merged[name], "{name}");
    }
    assert_eq!(merged["matches_moved"], 3);
    assert_eq!(merged["doubles"], serde_json::json!([[2, 4]]), "both lost to 6 in the round of 16");
    assert_eq!(player(&database, 2), None);
    let [facts, aliases, matches, won, ids] = player(&database, 1).unwrap();
    assert_eq!(facts, "P001|80001|ESP|1999-03-04|185", "what was known stays, what was not is filled in");
    assert_eq!(aliases, "i. pena itf, ivan pena atp, ivan pena itf, ivan pena merge");
    assert_eq!((matches.as_str(), won.as_str()), ("1,2,3,4,5,7", "1,3,7"));
    assert_eq!(ids, "sackmann 200001");
    let told = |id: i32| -> String {
        database.client().query_one(include_str!("sql/feeds_told.sql"), &[&id]).unwrap().get(0)
    };
    assert_eq!(told(1), "men|R643|F 1 5 2024-01-21,SF 1 9 2024-01-20|height_cm 185");
    assert_eq!(told(2), "");
    let listed = json(&database.teelo(&["identities", "--json"]).expect_code(0).stdout);
    assert_eq!(listed["entries"][0]["candidates"][0]["player_id"], 1);

    database.teelo(&["elo"]).expect_code(0);
    let differences = oracle::differences(&mut database.client());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    database.teelo(&["verify"]).expect_code(0);
}

#[test]
fn a_merge_of_two_people_is_refused_and_changes_nothing() {
    let database = database();
    let before = everything(&database);
    for (keep, other, words) in [
        ("1", "1", "cannot be merged with themselves"),
        ("1", "77", "there is no player 77"),
        ("77", "1", "there is no player 77"),
        ("3", "1", "atp_id P003 and P001"),
        ("8", "2", "played each other: match 5"),
        ("2", "4", "one played with men, the other with women"),
        ("4", "2", "one played with men, the other with women"),
    ] {
        let refused = database.teelo(&["identities", "merge", keep, other]).expect_code(2);
        assert!(refused.stderr.contains(words), "{keep} {other}: {}", refused.stderr);
        assert_eq!(everything(&database), before, "{keep} {other}");
    }
}

#[test]
fn an_entry_is_decided_once() {
    let database = database();
    let listed = database.teelo(&["identities"]).expect_code(0).stdout;
    assert!(listed.contains("PEÑA, Iwan  (itf 80777, Open)"), "{listed}");
    assert!(listed.contains("0.9650  Ivan Pena Jr"), "{listed}");

    let refused = database.teelo(&["identities", "resolve", "1", "--player", "2"]).expect_code(2);
    assert!(refused.stderr.contains("player 2 has another itf id already"), "{}", refused.stderr);
    database.teelo(&["identities", "resolve", "1", "--player", "3", "--by", "ana"]).expect_code(0);
    let [facts, aliases, ..] = player(&database, 3).unwrap();
    assert_eq!((facts.as_str(), aliases.as_str()), ("P003|80777|ARG", "iwan pena itf"));
    let refused = database.teelo(&["identities", "resolve", "1", "--new"]).expect_code(2);
    assert!(refused.stderr.contains("entry 1 is decided already: resolved"), "{}", refused.stderr);

    let made = database.teelo(&["identities", "resolve", "2", "--new", "--json"]).expect_code(0);
    let id = i32::try_from(json(&made.stdout)["player_id"].as_i64().unwrap()).unwrap();
    assert_eq!(player(&database, id).unwrap()[1], "nobody known wta");
    assert_eq!(database.teelo(&["identities"]).expect_code(0).stdout, "nothing to decide\n");
    let all = json(&database.teelo(&["identities", "--all", "--json"]).expect_code(0).stdout);
    assert_eq!(all["entries"][0]["resolved_player_id"], 3);
}

#[test]
fn an_entry_that_is_nobody_stays_so() {
    let database = database();
    database.teelo(&["identities", "resolve", "2", "--ignore"]).expect_code(0);
    let all = json(&database.teelo(&["identities", "--all", "--json"]).expect_code(0).stdout);
    assert_eq!(all["entries"][1]["status"], "ignored");
    assert_eq!(all["entries"][1]["resolved_player_id"], Value::Null);
}

#[test]
fn wrong_words_are_named() {
    let database = TestDatabase::new("identities_words");
    for (arguments, words) in [
        (&["identities", "join"][..], "unknown action \"join\""),
        (&["identities", "merge", "1"], "merge needs two players"),
        (&["identities", "merge", "one", "2"], "expected a number"),
        (&["identities", "resolve", "1"], "needs one of --player ID, --new and --ignore"),
        (&["identities", "resolve", "1", "--new", "--ignore"], "needs one of"),
        (&["identities", "resolve", "99", "--new"], "there is no entry 99"),
    ] {
        let refused = database.teelo(arguments).expect_code(2);
        assert!(refused.stderr.contains(words), "{arguments:?}: {}", refused.stderr);
    }
}
