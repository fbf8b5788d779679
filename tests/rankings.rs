//! `teelo rankings`: who is on the list, in which order, and how it is shown.

mod support;

use serde_json::{Value, json};
use support::{TestDatabase, teelo};

/// A database with a few ratings.
fn rated(name: &str) -> TestDatabase {
    let database = TestDatabase::new(name);
    database.client().batch_execute(include_str!("sql/rankings_fixture.sql")).unwrap();
    database
}

/// `rank name` of everybody on the list.
fn list(database: &TestDatabase, arguments: &[&str]) -> Vec<String> {
    let output = database.teelo(&[&["rankings", "--json"], arguments].concat()).expect_code(0);
    let list: Value = serde_json::from_str(&output.stdout).unwrap();
    let players = list["players"].as_array().unwrap();
    players.iter().map(|player| format!("{} {}", player["rank"], player["name"].as_str().unwrap())).collect()
}

#[test]
fn the_table_is_aligned_and_best_first() {
    let database = rated("rankings_table");
    let output = database.teelo(&["rankings"]).expect_code(0);
    let expected = "\
ELO ratings on 2024-06-30: men and women; players with a match since 2023-07-01

rank  name          country  gender   rating     peak  matches  last match
   1  Ana Alpha     ESP      women   2090.00  2100.00    1,234  2024-06-30
   2  Bob Bravo     -        men     1900.50  1900.50        2  2024-06-01
   3  Carl Charlie  USA      men     1700.00  1750.25        3  2024-03-01
   3  Dora Delta    CZE      women   1700.00  1700.00        2  2024-06-30
   5  錦織圭        JPN      men     1600.00  1600.00        1  2024-06-01
   6  Tom Tomorrow  GBR      men     1500.00  1500.00        1  2999-01-01
";
    assert_eq!(output.stdout, expected);
    assert_eq!(output.stderr, "");
    let men = database.teelo(&["rankings", "--gender", "men", "--limit", "1"]).expect_code(0);
    let lines: Vec<&str> = men.stdout.lines().collect();
    assert_eq!(lines[0], "ELO ratings on 2024-06-30: men; players with a match since 2023-07-01");
    assert_eq!(lines[2], "rank  name       country   rating     peak  matches  last match");
    assert_eq!(lines[3], "   1  Bob Bravo  -        1900.50  1900.50        2  2024-06-01");
    assert_eq!(lines.len(), 4);
}

#[test]
fn the_list_is_narrowed_by_gender_tour_activity_and_limit() {
    let database = rated("rankings_narrow");
    let cases: [(&[&str], &[&str]); 9] = [
        (&["--gender", "women"], &["1 Ana Alpha", "2 Dora Delta"]),
        (&["--gender", "Men", "--limit", "2"], &["1 Bob Bravo", "2 Carl Charlie"]),
        // Bob's last match was a challenger, but he played on the ATP tour within the year.
        (&["--tour", "ATP"], &["1 Bob Bravo", "2 Carl Charlie", "3 Tom Tomorrow"]),
        (&["--tour", "challenger"], &["1 Bob Bravo", "2 錦織圭"]),
        (&["--tour", "ATP", "--active-days", "60"], &["1 Tom Tomorrow"]),
        (&["--tour", "ITF_WOMEN", "--gender", "women"], &["1 Ana Alpha", "2 Dora Delta"]),
        (&["--active-days", "10", "--limit", "2"], &["1 Ana Alpha", "2 Dora Delta"]),
        (&["--active-days", "0", "--limit", "2"], &["1 Ana Alpha", "2 Old Echo"]),
        (&["--tour", "WTA_125"], &[]),
    ];
    for (arguments, expected) in cases {
        assert_eq!(list(&database, arguments), expected, "{arguments:?}");
    }
    let nobody = database.teelo(&["rankings", "--tour", "WTA_125"]).expect_code(0);
    assert!(nobody.stdout.contains("Nobody fits (--active-days 0 lists everybody)"), "{}", nobody.stdout);
}

#[test]
fn json_has_a_schema_version_and_every_column() {
    let database = rated("rankings_json");
    let output = database.teelo(&["rankings", "--json", "--limit", "1", "--tour", "wta"]).expect_code(0);
    let expected = json!({
        "schema_version": 1,
        "as_of": "2024-06-30",
        "active_since": "2023-07-01",
        "tour": "WTA",
        "gender": null,
        "players": [{
            "rank": 1, "player_id": 1, "name": "Ana Alpha", "country": "ESP", "gender": "women",
            "rating": 2090.0, "peak": 2100.0, "matches": 1234, "last_match": "2024-06-30",
        }],
    });
    assert_eq!(serde_json::from_str::<Value>(&output.stdout).unwrap(), expected);
}

#[test]
fn without_ratings_it_says_what_to_do() {
    let database = TestDatabase::new("rankings_empty");
    let output = database.teelo(&["rankings"]).expect_code(0);
    assert!(output.stdout.contains("No player is rated yet"), "{}", output.stdout);
    assert_eq!(list(&database, &[]), Vec::<String>::new());
    let bare = TestDatabase::empty("rankings_bare");
    assert!(bare.teelo(&["rankings"]).expect_code(2).stderr.contains("teelo migrate"));
}

#[test]
fn what_is_wrong_is_named() {
    let cases: [(&[&str], &str); 9] = [
        (
            &["--tour", "XTP"],
            "--tour: there is no tour \"XTP\"; there are ATP, WTA, CHALLENGER, WTA_125, ITF_MEN, ITF_WOMEN",
        ),
        (&["--tour"], "--tour needs a value"),
        (&["--gender", "mixed"], "--gender: \"mixed\" is not valid; expected men or women"),
        (&["--tour", "WTA", "--gender", "men"], "WTA is a tour of women"),
        (&["--limit", "0"], "--limit: \"0\" is not valid; expected a whole number, 1 or more"),
        (&["--limit", "-1"], "--limit: \"-1\" is not valid"),
        (
            &["--active-days", "65536"],
            "--active-days: \"65536\" is not valid; expected a number of days from 0 to",
        ),
        (&["--as"], "unknown flag --as; `teelo rankings --help`"),
        (&[], "DATABASE_URL is not set"),
    ];
    for (arguments, message) in cases {
        let output = teelo(&[&["rankings"], arguments].concat()).expect_code(2);
        assert!(output.stderr.contains(message), "{}", output.stderr);
    }
    assert!(teelo(&["rankings", "--help"]).expect_code(0).stdout.contains("--active-days"));
}
