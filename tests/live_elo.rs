//! ENABLE_LIVE_ELO_INGEST, the old way of rating inside the ingest; and that the ingest leaves the ratings alone without it.

#[path = "support/documents.rs"]
mod documents;
#[path = "support/feed.rs"]
mod feed;
mod support;

use std::path::Path;

use documents::line;
use serde_json::json;
use support::{TestDatabase, TestFolder, run};
use teelo::ingest::documents::Kind;

fn ratings(database: &TestDatabase) -> Vec<(Option<String>, String)> {
    let rows = database.client().query(include_str!("sql/live_ratings.sql"), &[]).unwrap();
    rows.iter().map(|row| (row.get("key"), row.get("content"))).collect()
}

/// What is there at first: an archive, and results of a document.
fn write_first(feed: &Path) {
    let rounds = ["R32", "R16", "QF", "SF", "F"];
    let archive: Vec<String> = (0..60)
        .map(|number| {
            feed::result(100 + number % 9, 200 + number % 7, rounds[number as usize % 5], "6-4 6-3")
        })
        .collect();
    feed::write(feed, "atp_matches_2024.csv", &archive);
    write_results(
        feed,
        "first",
        &[("R32", 1, 2, "2026-01-06"), ("R16", 1, 3, "2026-01-07"), ("QF", 1, 4, "2026-01-08")],
    );
}

/// What comes late: a match before the others, and a winner who is another one.
fn write_second(feed: &Path) {
    write_results(feed, "late", &[("Q1", 2, 5, "2026-01-04"), ("R16", 3, 1, "2026-01-07")]);
}

/// Winner and loser by number.
fn write_results(feed: &Path, name: &str, results: &[(&str, u32, u32, &str)]) {
    let text: String = results
        .iter()
        .map(|(round, winner, loser, date)| {
            let mut changes = json!({
                "round": round, "player_a_name": format!("Player N{}", winner + 99), "winner_name": format!("Player N{}", winner + 99),
                "player_b_name": format!("Player N{}", loser + 99), "player_a_external_id": format!("P{winner}"),
                "player_b_external_id": format!("P{loser}"), "player_a_seed": null, "match_date": date, "match_time": null,
                "external_id": null, "match_number": null, "status": null, "retirement_set": null, "score_raw": "6-4 6-4",
            });
            changes["player_b_nationality"] = json!(null);
            line(Kind::Results, &changes) + "\n"
        })
        .collect();
    std::fs::write(feed.join(format!("{name}.results.jsonl")), text).unwrap();
}

fn ingest(database: &TestDatabase, feed: &Path, live: &str) {
    let mut command = database.command(&["ingest", "--feed", feed.to_str().unwrap(), "--workers", "4"]);
    run(command.env("ENABLE_LIVE_ELO_INGEST", live)).expect_code(0);
}

#[test]
fn the_old_way_rates_at_once_and_the_stage_makes_it_exact() {
    let (database, plain, feed) =
        (TestDatabase::new("live"), TestDatabase::new("plain"), TestFolder::new("live"));
    write_first(feed.path());
    ingest(&database, feed.path(), "true");
    ingest(&plain, feed.path(), "false");
    let live = ratings(&database);
    assert!(live.iter().all(|(_, content)| content.len() > 20), "everything is rated: {live:?}");
    for database in [&database, &plain] {
        database.teelo(&["elo"]).expect_code(0);
        database.teelo(&["verify"]).expect_code(0);
    }
    assert_eq!(ratings(&database), ratings(&plain));

    write_second(feed.path());
    ingest(&database, feed.path(), "yes");
    ingest(&plain, feed.path(), "");
    database.teelo(&["verify"]).expect_code(1);
    for database in [&database, &plain] {
        database.teelo(&["elo"]).expect_code(0);
        database.teelo(&["verify"]).expect_code(0);
    }
    assert_eq!(ratings(&database), ratings(&plain));
}

#[test]
fn without_the_flag_the_ingest_touches_no_rating() {
    let (database, feed) = (TestDatabase::new("untouched"), TestFolder::new("untouched"));
    write_first(feed.path());
    ingest(&database, feed.path(), "0");
    assert!(ratings(&database).iter().all(|(_, content)| content == "f"), "{:?}", ratings(&database));
    database.teelo(&["elo"]).expect_code(0);
    let rated = ratings(&database);
    write_second(feed.path());
    ingest(&database, feed.path(), "0");
    let new: Vec<_> = ratings(&database).into_iter().filter(|row| !rated.contains(row)).collect();
    assert_eq!(new, [(Some("2026_northport_Q1_P2_P5".to_owned()), "f".to_owned())], "the rest is as it was");
}

#[test]
fn a_word_that_says_neither_is_refused() {
    let (database, feed) = (TestDatabase::new("word"), TestFolder::new("word"));
    let mut command = database.command(&["ingest", "--feed", feed.path().to_str().unwrap()]);
    let output = run(command.env("ENABLE_LIVE_ELO_INGEST", "perhaps")).expect_code(2);
    assert!(output.stderr.contains("ENABLE_LIVE_ELO_INGEST: \"perhaps\" is not valid"), "{}", output.stderr);
}
