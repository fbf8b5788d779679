//! Who the players of feed documents are: found, linked, made, queued for a person, decided.

#[path = "support/documents.rs"]
mod documents;
mod support;

use std::path::Path;

use documents::line;
use serde_json::{Value, json};
use support::{Output, TestDatabase, TestFolder};
use teelo::identity::similarity::Trigrams;
use teelo::ingest::documents::Kind;

/// A player of a record: name, and id.
type Who<'a> = (&'a str, Option<&'a str>);

/// The result of a match, of the men's tour unless `more` says otherwise.
fn result(a: Who<'_>, b: Who<'_>, more: Value) -> String {
    let mut changes = json!({
        "player_a_name": a.0, "player_a_external_id": a.1, "player_b_name": b.0, "player_b_external_id": b.1, "winner_name": a.0,
        "player_a_seed": null, "external_id": null, "status": null, "retirement_set": null, "score_raw": "6-4 6-4",
        "player_a_nationality": null, "player_b_nationality": null,
    });
    changes.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    line(Kind::Results, &changes)
}

fn women(more: Value) -> Value {
    let mut changes =
        json!({"source": "itf", "gender": "women", "tour": null, "tournament_level": "ITF W25"});
    changes.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    changes
}

fn write(feed: &Path, name: &str, lines: &[String]) {
    std::fs::write(feed.join(format!("{name}.results.jsonl")), lines.join("\n")).unwrap();
}

fn ingest(database: &TestDatabase, feed: &Path) -> Output {
    let rejects = feed.join("rejects.jsonl");
    database.teelo(&[
        "ingest",
        "--feed",
        feed.to_str().unwrap(),
        "--json",
        "--quiet-worker-logs",
        "--rejects-jsonl",
        rejects.to_str().unwrap(),
    ])
}

/// id, name and what tells them apart: ids, gender as known, spellings.
fn players(database: &TestDatabase) -> Vec<String> {
    let rows = database.client().query(include_str!("sql/identity_players.sql"), &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

fn metrics(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap()
}

#[test]
fn a_player_is_known_by_id_spelling_abbreviation_and_near_spelling() {
    let (database, feed) = (TestDatabase::new("known"), TestFolder::new("known"));
    write(
        feed.path(),
        "one",
        &[result(("Ana-Maria Núñez Garcia", None), ("LINDQVIST, Bo", Some("L1")), json!({}))],
    );
    ingest(&database, feed.path()).expect_code(0);
    assert_eq!(
        players(&database),
        [
            "1 Ana-Maria Núñez Garcia men: ana-maria nunez garcia (atp)",
            "2 Bo Lindqvist men atp L1: bo lindqvist (atp)"
        ]
    );
    write(
        feed.path(),
        "two",
        &[
            // The exact spelling, now with an id; an abbreviation.
            result(("ANA-MARIA NUNEZ GARCIA", Some("N1")), ("B. Lindqvist", None), json!({"round": "R16"})),
            // The id, with quite another name; a spelling that differs in a hyphen only.
            result(("Maria Nunes", Some("N1")), ("Lindqvist Bo", None), json!({"round": "QF"})),
            result(("Ana Maria Nunez-Garcia", None), ("Cy Dahl", None), json!({"round": "SF"})),
            // Nobody of them: a name that is only near.
            result(("Ana Maria Nunez Garza", None), ("Bo Lindquist", None), json!({"round": "F"})),
        ],
    );
    let output = ingest(&database, feed.path()).expect_code(0);
    assert_eq!(metrics(&output)["players_created"], 3);
    assert_eq!(metrics(&output)["players_linked"], 1);
    assert_eq!(
        players(&database),
        [
            "1 Ana-Maria Núñez Garcia men atp N1: ana maria nunez-garcia (atp), ana-maria nunez garcia (atp), maria nunes (atp)",
            "2 Bo Lindqvist men atp L1: b. lindqvist (atp), bo lindqvist (atp), lindqvist bo (atp)",
            "3 Cy Dahl men: cy dahl (atp)",
            "4 Ana Maria Nunez Garza men: ana maria nunez garza (atp)",
            "5 Bo Lindquist men: bo lindquist (atp)",
        ]
    );
}

#[test]
fn neither_the_other_gender_nor_another_id_is_a_candidate() {
    let (database, feed) = (TestDatabase::new("others"), TestFolder::new("others"));
    write(
        feed.path(),
        "one",
        &[
            result(("Kim Stone", Some("S1")), ("Bo Berg", None), json!({})),
            result(("Kim Stone", Some("S2")), ("Bo Berg", None), json!({"round": "R16"})),
            result(("Kim Stone", None), ("Ida Lund", None), women(json!({"tournament_id": "harbour"}))),
        ],
    );
    ingest(&database, feed.path()).expect_code(0);
    let expected = [
        "1 Kim Stone men atp S1: kim stone (atp)",
        "2 Bo Berg men: bo berg (atp)",
        "3 Kim Stone men atp S2: ",
        "4 Kim Stone women: kim stone (itf)",
        "5 Ida Lund women: ida lund (itf)",
    ];
    assert_eq!(players(&database), expected);
    // Of the men one has the spelling; a man of the ITF may be either.
    let men = json!({"source": "itf", "gender": "men", "tour": null, "tournament_level": "ITF M25", "tournament_id": "quay"});
    write(
        feed.path(),
        "two",
        &[result(("Kim Stone", None), ("Ida Lund", None), women(json!({"tournament_id": "pier"})))],
    );
    write(feed.path(), "three", &[result(("Kim Stone", None), ("Bo Berg", None), men)]);
    let output = ingest(&database, feed.path()).expect_code(3);
    assert_eq!(metrics(&output)["rejected"], json!({"player_queued": 1}));
    assert_eq!(players(&database)[2..5], expected[2..], "nobody was made or linked");
}

#[test]
fn players_of_the_database_are_known_without_spellings() {
    let (database, feed) = (TestDatabase::new("canonical"), TestFolder::new("canonical"));
    database.client().batch_execute(include_str!("sql/identity_legacy.sql")).unwrap();
    write(
        feed.path(),
        "one",
        &[
            result(("Émile Duval", Some("D1")), ("C. Moreau", None), json!({})),
            result(("Duval Emile", None), ("Moreau, Claude", None), json!({"round": "R16"})),
        ],
    );
    ingest(&database, feed.path()).expect_code(0);
    assert_eq!(
        players(&database),
        [
            "1 Émile Duval men atp D1: duval emile (atp), emile duval (atp)",
            "2 Claude Moreau men atp M9: c. moreau (atp), claude moreau (atp)",
            "3 Claude Moreau women wta W9: ",
        ]
    );
}

#[test]
fn a_person_decides_and_the_file_is_read_again() {
    let (database, feed) = (TestDatabase::new("decides"), TestFolder::new("decides"));
    let rounds = ["R32", "R16", "QF"];
    let pairs = [("Jo Smith", "Jim Smith"), ("Kai Lund", "Ken Lund"), ("Pat Voss", "Pim Voss")];
    let met: Vec<String> =
        (0..3).map(|n| result((pairs[n].0, None), (pairs[n].1, None), json!({"round": rounds[n]}))).collect();
    write(feed.path(), "one", &met);
    ingest(&database, feed.path()).expect_code(0);
    let names = ["J. Smith", "K Lund", "Voss P."];
    let queued: Vec<String> = (0..3)
        .map(|n| {
            let more =
                json!({"round": rounds[n], "tournament_id": "harbour", "tournament_name": "Harbour Open"});
            result((names[n], None), ("Cy Dahl", None), more)
        })
        .collect();
    write(feed.path(), "two", &queued);
    let output = ingest(&database, feed.path()).expect_code(3);
    assert_eq!(metrics(&output)["players_queued"], 3);
    assert_eq!(metrics(&output)["rejected"], json!({"player_queued": 3}));
    let again = ingest(&database, feed.path()).expect_code(0);
    assert_eq!(metrics(&again)["files_unchanged"], 2, "nothing is decided");

    let list = database.teelo(&["identities", "--json"]).expect_code(0);
    let list: Value = serde_json::from_str(&list.stdout).unwrap();
    let entries = list["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[0]["name"], "J. Smith");
    assert_eq!(entries[0]["tournament"], "Harbour Open");
    let names: Vec<&str> = entries[0]["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Jo Smith", "Jim Smith"]);

    database.teelo(&["identities", "resolve", "1", "--player", "2"]).expect_code(0);
    let output = ingest(&database, feed.path()).expect_code(3);
    assert_eq!(metrics(&output)["matches_inserted"], 1, "the match of entry 1: {}", output.stdout);
    assert_eq!(metrics(&output)["rejected"], json!({"player_queued": 2}));
    database.teelo(&["identities", "resolve", "2", "--new"]).expect_code(0);
    database.teelo(&["identities", "resolve", "3", "--ignore"]).expect_code(0);
    let output = ingest(&database, feed.path()).expect_code(3);
    assert_eq!(metrics(&output)["matches_inserted"], 1);
    assert_eq!(metrics(&output)["rejected"], json!({"player_ignored": 1}));
    let last = players(&database).pop().unwrap();
    assert!(last.starts_with("8 K Lund"), "{last}");
    let again = ingest(&database, feed.path()).expect_code(0);
    assert_eq!(metrics(&again)["files_unchanged"], 2, "everything is decided");
    let rejects = std::fs::read_to_string(feed.path().join("rejects.jsonl")).unwrap();
    assert!(rejects.contains("waits as entry 1: teelo identities"), "{rejects}");
}

#[test]
fn what_another_program_decided_counts() {
    let (database, feed) = (TestDatabase::new("elsewhere"), TestFolder::new("elsewhere"));
    write(feed.path(), "one", &[result(("Jo Smith", None), ("Jim Smith", None), json!({}))]);
    ingest(&database, feed.path()).expect_code(0);
    write(
        feed.path(),
        "two",
        &[result(("J. Smith", Some("S9")), ("Cy Dahl", None), json!({"round": "R16"}))],
    );
    ingest(&database, feed.path()).expect_code(3);
    database.client().batch_execute(include_str!("sql/identity_decide.sql")).unwrap();
    let output = ingest(&database, feed.path()).expect_code(0);
    assert_eq!(
        (&metrics(&output)["matches_inserted"], &metrics(&output)["players_linked"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(players(&database)[1], "2 Jim Smith men atp S9: j. smith (atp), jim smith (atp)");
}

#[test]
fn two_players_with_one_name_are_told_apart_by_who_decides() {
    let (database, feed) = (TestDatabase::new("namesakes"), TestFolder::new("namesakes"));
    write(
        feed.path(),
        "one",
        &[
            result(("Ray Dunn", Some("D1")), ("Bo Berg", None), json!({})),
            result(("Ray Dunn Sr", Some("D2")), ("Bo Berg", None), json!({"round": "R16"})),
        ],
    );
    ingest(&database, feed.path()).expect_code(0);
    let men = json!({"source": "itf", "gender": "men", "tour": null, "tournament_level": "ITF M25"});
    write(feed.path(), "two", &[result(("Ray Dunn", Some("800")), ("Cy Dahl", None), men)]);
    ingest(&database, feed.path()).expect_code(3);
    database.teelo(&["identities", "resolve", "1", "--player", "3"]).expect_code(0);
    ingest(&database, feed.path()).expect_code(0);
    assert!(
        players(&database)[2].starts_with("3 Ray Dunn Sr men atp D2 itf 800"),
        "{:?}",
        players(&database)
    );
}

#[test]
fn the_measure_of_likeness_is_the_servers() {
    let database = TestDatabase::new("likeness");
    let mut client = database.client();
    // The extension is part of PostgreSQL's distribution; a server without it decides by the same measure.
    client.batch_execute(include_str!("sql/identity_trigrams.sql")).unwrap();
    let names = [
        "ana maria lopez",
        "lopez ana maria",
        "ana-maria lopez",
        "ana maria lopes",
        "o'neill pat",
        "o neill pat",
        "x",
        "",
        "jean-luc d'arc iii",
        "łukasz 2",
        "anna annna",
        "anna",
        "jörg ähre",
        "dr. who",
        "a a a",
        "bo",
    ];
    for one in names {
        for two in names {
            let theirs: f32 =
                client.query_one(include_str!("sql/identity_similarity.sql"), &[&one, &two]).unwrap().get(0);
            let ours = Trigrams::of(one).similarity(&Trigrams::of(two), 0.0).unwrap_or_default();
            assert!((f64::from(theirs) - ours).abs() < 1e-6, "{one:?} {two:?}: {theirs} {ours}");
        }
    }
}
