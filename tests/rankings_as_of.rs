//! `teelo rankings --as-of`: the list as it stood after a day is the list of a database that ends with that day.

mod support;

use serde_json::Value;
use support::{TestDatabase, teelo};

const MATCHES: i32 = 1500;
const PLAYERS: i32 = 40;
/// Everybody.
const WHOLE: [&str; 4] = ["--active-days", "0", "--limit", "1000"];
/// The day of the newest match with a known date.
const NEWEST: &str = "2022-09-27";

/// Three years with a match on each day, rated, then corrected in several places and rated again.
fn rated() -> TestDatabase {
    let database = TestDatabase::new("rankings_as_of");
    let mut client = database.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&PLAYERS]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&MATCHES, &PLAYERS]).unwrap();
    client.batch_execute(include_str!("sql/rankings_as_of_fixture.sql")).unwrap();
    database.teelo(&["elo"]).expect_code(0);
    client.batch_execute(include_str!("sql/rankings_as_of_corrections.sql")).unwrap();
    database.teelo(&["elo"]).expect_code(0);
    database
}

/// The JSON of a list, after checking that nothing is said to be pending.
#[track_caller]
fn json(database: &TestDatabase, arguments: &[&[&str]]) -> Value {
    let output = database.teelo(&[&["rankings", "--json"], &arguments.concat()[..]].concat()).expect_code(0);
    assert_eq!(output.stderr, "");
    serde_json::from_str(&output.stdout).unwrap()
}

#[test]
fn the_list_of_a_day_is_that_of_a_database_that_ends_with_it() {
    let (database, shortened) = (rated(), rated());
    let mut seen = Vec::new();
    for day in ["9998-12-31", NEWEST, "2021-03-01", "2020-12-31", "2020-03-01", "2020-02-29", "2020-02-28"] {
        shortened.client().execute(include_str!("sql/matches_delete_after.sql"), &[&day]).unwrap();
        shortened.teelo(&["elo"]).expect_code(0);
        let listed = json(&database, &[&["--as-of", day], &WHOLE]);
        assert_eq!(listed["players"], json(&shortened, &[&WHOLE])["players"], "{day}");
        assert_eq!((&listed["as_of"], &listed["active_since"]), (&Value::from(day), &Value::Null));
        assert!(!listed["players"].as_array().unwrap().is_empty(), "{day}");
        assert!(!seen.contains(&listed["players"]) || day == NEWEST, "{day}: nothing changed");
        seen.push(listed["players"].clone());
        // Every day until the newest has a match, so the active time of both ends with the same day.
        let narrowed: [&[&str]; 4] = [
            &[],
            &["--limit", "5", "--active-days", "20"],
            &["--gender", "women", "--active-days", "30"],
            &["--tour", "ATP", "--active-days", "7"],
        ];
        for arguments in narrowed.iter().filter(|_| day <= NEWEST) {
            let listed = json(&database, &[&["--as-of", day], arguments]);
            assert_eq!(listed, json(&shortened, &[arguments]), "{day} {arguments:?}");
        }
    }
}

#[test]
fn the_ends_of_time() {
    let database = rated();
    // Matches without a known date come after every day, also those of the year 9999.
    let last = json(&database, &[&["--as-of", "9999-12-31"], &WHOLE]);
    assert_eq!(last["players"], json(&database, &[&["--as-of", "9998-12-31"], &WHOLE])["players"]);
    assert_ne!(last["players"], json(&database, &[&WHOLE])["players"]);
    for day in ["2019-12-31", "0001-01-01"] {
        for arguments in [&WHOLE[..], &["--tour", "WTA"], &[]] {
            assert_eq!(json(&database, &[&["--as-of", day], arguments])["players"], Value::Array(Vec::new()));
        }
    }
    let first = json(&database, &[&["--as-of", "0001-01-01"]]);
    assert_eq!(first["active_since"], "0001-01-01");
    let text = database.teelo(&["rankings", "--as-of", "2019-12-31"]).expect_code(0).stdout;
    assert!(text.starts_with("ELO ratings on 2019-12-31: men and women; "), "{text}");
    assert!(text.contains("Nobody fits"), "{text}");
}

#[test]
fn what_is_pending_up_to_the_day_is_told() {
    let database = rated();
    let told = |day: &str| {
        let output = database.teelo(&["rankings", "--as-of", day]).expect_code(0);
        assert!(output.stderr.is_empty() || output.stderr.contains("teelo elo"), "{}", output.stderr);
        !output.stderr.is_empty()
    };
    assert!(!told(NEWEST));
    // Match 750 is of 2021-05-15.
    database.client().execute(include_str!("sql/flip_winner.sql"), &[&750_i32]).unwrap();
    assert!(told(NEWEST) && told("2021-05-15"));
    assert!(!told("2021-05-14"), "what comes after the day does not matter");
    database.teelo(&["elo"]).expect_code(0);
    assert!(!told(NEWEST));
    database.client().execute(include_str!("sql/parameter_set_insert.sql"), &[&"{}"]).unwrap();
    assert!(told("2020-02-29"), "other parameters");
}

#[test]
fn a_day_that_is_none_is_refused() {
    for day in
        ["2023-02-29", "2024-13-01", "2024-1-1", "20240101", "0000-01-01", "-001-01-01", "today", "", "1"]
    {
        let output = teelo(&["rankings", "--as-of", day]).expect_code(2);
        let expected = format!("--as-of: {day:?} is no day; expected YYYY-MM-DD, such as 2024-12-31");
        assert!(output.stderr.contains(&expected), "{}", output.stderr);
    }
    assert!(teelo(&["rankings", "--as-of"]).expect_code(2).stderr.contains("--as-of needs a value"));
}
