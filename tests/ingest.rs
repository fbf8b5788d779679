//! `teelo ingest` on real files and a real server: what it brings in, what a second run does, what a changed file does.

#[path = "support/feed.rs"]
mod feed;
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use feed::{record, result, write};
use serde_json::Value;
use support::{Output, TestDatabase, TestFolder};

fn ingest(database: &TestDatabase, feed: &Path, more: &[&str]) -> Output {
    let rejects = feed.with_extension("rejects.jsonl");
    let mut arguments =
        vec!["ingest", "--feed", feed.to_str().unwrap(), "--rejects-jsonl", rejects.to_str().unwrap()];
    arguments.extend(more);
    database.teelo(&arguments)
}

fn lines(database: &TestDatabase, sql: &str) -> Vec<String> {
    database.client().query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
}

/// Every row that the ingest may write, with its physical version.
fn dump(database: &TestDatabase) -> Vec<String> {
    lines(database, include_str!("sql/ingest_dump.sql"))
}

fn matches(database: &TestDatabase) -> Vec<String> {
    lines(database, include_str!("sql/ingest_matches.sql"))
}

fn versions(database: &TestDatabase) -> BTreeMap<String, String> {
    let rows = database.client().query(include_str!("sql/ingest_versions.sql"), &[]).unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// The metrics that `--json` prints.
fn metrics(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// A file of every family.
fn write_families(folder: &Path) {
    let women = |special: &[(&str, &str)]| {
        let mut all = vec![("winner_name", "Eve Stone"), ("loser_name", "Flo Hart")];
        all.extend(special);
        record(&all)
    };
    write(
        folder,
        "atp_matches_2024.csv",
        &[
            record(&[
                ("winner_seed", "1"),
                ("minutes", "80"),
                ("winner_hand", "L"),
                ("winner_ht", "185"),
                ("winner_ioc", "FRA"),
            ]),
            record(&[
                ("winner_id", "300"),
                ("winner_name", "Cy Cole"),
                ("round", "QF"),
                ("score", "3-6 7-6(5) 2-0 RET"),
            ]),
            record(&[
                ("tourney_id", "2024-580"),
                ("tourney_level", "G"),
                ("round", "F"),
                ("score", "W/O"),
                ("tourney_date", "20240115"),
            ]),
        ],
    );
    write(
        folder,
        "atp_matches_qual_chall_2024.csv",
        &[
            record(&[("round", "Q1"), ("score", "")]),
            record(&[
                ("tourney_id", "2024-7000"),
                ("tourney_name", "Hill CH"),
                ("tourney_level", "C"),
                ("score", "6-36-3"),
            ]),
        ],
    );
    write(
        folder,
        "atp_matches_futures_2024.csv",
        &[record(&[("tourney_id", "2024-M-ITF-FRA-01A-2024"), ("tourney_level", "15"), ("round", "R16")])],
    );
    write(
        folder,
        "wta_matches_2024.csv",
        &[
            women(&[("tourney_level", "PM"), ("score", "6-0 4-6 [10-8]")]),
            women(&[
                ("tourney_id", "2024-580"),
                ("tourney_level", "G"),
                ("round", "F"),
                ("tourney_date", "20240115"),
            ]),
        ],
    );
    write(
        folder,
        "wta_matches_qual_itf_2024.csv",
        &[women(&[
            ("tourney_id", "2024-W-ITF-1"),
            ("tourney_level", "25"),
            ("round", "SF"),
            ("score", "6-1 3-2 DEF"),
        ])],
    );
    std::fs::write(folder.join("atp_players.csv"), "player_id,name_first\n1,A\n").unwrap();
    std::fs::write(folder.join("README.md"), "not data\n").unwrap();
    std::fs::create_dir(folder.join("atp_matches_2020.csv")).unwrap();
}

#[test]
fn every_family_comes_in_and_a_second_run_writes_nothing() {
    let (database, feed) = (TestDatabase::new("families"), TestFolder::new("families"));
    write_families(feed.path());
    let output = ingest(&database, feed.path(), &[]).expect_code(0);
    assert!(output.stdout.contains("5 files, 9 rows: 9 matches new"), "{}", output.stdout);
    assert!(output.stderr.contains("atp_matches_2024.csv: 3 rows"), "{}", output.stderr);
    let expected = [
        "2024_sackmann:0301:A_R32_100_200 | Ada Ames | Bo Berg | Ada Ames | 6-4 6-4 | [{\"a\": 6, \"b\": 4}, {\"a\": 6, \"b\": 4}] | completed | 2024-01-10",
        "2024_sackmann:0301:A_QF_200_300 | Bo Berg | Cy Cole | Cy Cole | 3-6 7-6(5) 2-0 RET | [{\"a\": 6, \"b\": 3}, {\"a\": 6, \"b\": 7, \"tb_a\": 5, \"tb_b\": 7}, {\"a\": 0, \"b\": 2}] | retired | 2024-01-12",
        "2024_sackmann:580:G_F_100_200 | Ada Ames | Bo Berg | Ada Ames | W/O | - | walkover | 2024-01-28",
        "2024_sackmann:M-ITF-FRA-01A-2024:15_R16_100_200 | Ada Ames | Bo Berg | Ada Ames | 6-4 6-4 | [{\"a\": 6, \"b\": 4}, {\"a\": 6, \"b\": 4}] | completed | 2024-01-11",
        "2024_sackmann:0301:A_Q1_100_200 | Ada Ames | Bo Berg | Ada Ames | - | completed | 2024-01-08",
        "2024_sackmann:7000:C_R32_100_200 | Ada Ames | Bo Berg | Ada Ames | 6-36-3 | - | completed | 2024-01-10",
        "2024_sackmann:0301:WPM_R32_100_200 | Eve Stone | Flo Hart | Eve Stone | 6-0 4-6 [10-8] | [{\"a\": 6, \"b\": 0}, {\"a\": 4, \"b\": 6}] | completed | 2024-01-10",
        "2024_sackmann:580:WG_F_100_200 | Eve Stone | Flo Hart | Eve Stone | 6-4 6-4 | [{\"a\": 6, \"b\": 4}, {\"a\": 6, \"b\": 4}] | completed | 2024-01-28",
        "2024_sackmann:W-ITF-1:W25_SF_100_200 | Eve Stone | Flo Hart | Eve Stone | 6-1 3-2 DEF | [{\"a\": 6, \"b\": 1}, {\"a\": 3, \"b\": 2}] | default | 2024-01-13",
    ];
    assert_eq!(sorted(matches(&database)), sorted(expected.map(str::to_owned).to_vec()));
    assert_eq!(
        lines(&database, include_str!("sql/ingest_players.sql")),
        [
            "Ada Ames | men | 100 | Left | 185 | FRA | ada ames/sackmann",
            "Bo Berg | men | 200 | bo berg/sackmann",
            "Cy Cole | men | 300 | cy cole/sackmann",
            "Eve Stone | women | 100 | eve stone/sackmann",
            "Flo Hart | women | 200 | flo hart/sackmann",
        ]
    );
    let tournaments: Vec<String> = lines(&database, include_str!("sql/ingest_content.sql"))
        .into_iter()
        .filter(|line| line.starts_with("tournament|"))
        .map(|line| line.splitn(3, '|').nth(2).unwrap().to_owned())
        .collect();
    assert_eq!(
        sorted(tournaments),
        sorted(
            [
                "sackmann:0301:A|Northport|ATP|ATP 250|men|Hard",
                "sackmann:580:G|Northport|ATP|Grand Slam|men|Hard",
                "sackmann:M-ITF-FRA-01A-2024:15|Northport|ITF_MEN|ITF M15|men|Hard",
                "sackmann:7000:C|Hill CH|CHALLENGER|Challenger|men|Hard",
                "sackmann:0301:WPM|Northport|WTA|WTA 1000|women|Hard",
                "sackmann:580:WG|Northport|WTA|Grand Slam|women|Hard",
                "sackmann:W-ITF-1:W25|Northport|ITF_WOMEN|ITF W25|women|Hard",
            ]
            .map(str::to_owned)
            .to_vec()
        )
    );

    let before = dump(&database);
    let output = ingest(&database, feed.path(), &[]).expect_code(0);
    assert_eq!(output.stdout, "ingest: nothing to do: 5 files have not changed since they were ingested\n");
    assert_eq!(output.stderr, "");
    assert_eq!(dump(&database), before);
    let again = metrics(&ingest(&database, feed.path(), &["--json"]).expect_code(0));
    assert_eq!(
        (&again["files_seen"], &again["files_unchanged"], &again["files_ignored"]),
        (&5.into(), &5.into(), &2.into())
    );
    assert_eq!(dump(&database), before);
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

#[test]
fn a_changed_file_writes_exactly_what_differs() {
    let (database, feed) = (TestDatabase::new("changed"), TestFolder::new("changed"));
    let rows = |special: &[(usize, String)]| {
        let mut rows: Vec<String> =
            (0..20).map(|number| result(2 * number + 1, 2 * number + 2, "R32", "6-4 6-4")).collect();
        for (index, row) in special {
            rows[*index] = row.clone();
        }
        rows
    };
    write(feed.path(), "atp_matches_2024.csv", &rows(&[]));
    ingest(&database, feed.path(), &[]).expect_code(0);
    database.client().batch_execute(include_str!("sql/ingest_rate.sql")).unwrap();
    let before = versions(&database);

    // A corrected winner, a corrected score, a row of a match with a real date, a new row; one row is gone.
    let mut changed = rows(&[
        (0, result(2, 1, "R32", "6-4 6-4")),
        (1, result(3, 4, "R32", "6-4 7-6(3)")),
        (2, result(5, 6, "R32", "6-0 6-0")),
    ]);
    changed.push(result(99, 98, "F", "6-4 6-4"));
    changed.remove(10);
    write(feed.path(), "atp_matches_2024.csv", &changed);
    let numbers = metrics(&ingest(&database, feed.path(), &["--json"]).expect_code(0));
    assert_eq!(numbers["rejects_jsonl"], Value::Null, "no file is named that is not there");
    let count = |name: &str| numbers[name].as_u64().unwrap();
    assert_eq!((count("records_scanned"), count("records_processed"), count("records_failed")), (20, 20, 0));
    assert_eq!((count("matches_inserted"), count("matches_updated"), count("matches_unchanged")), (1, 3, 16));
    let after = versions(&database);
    let written: Vec<&str> = after
        .iter()
        .filter(|(id, version)| before.get(*id) != Some(version))
        .map(|(id, _)| id.as_str())
        .collect();
    let base = "2024_sackmann:0301:A";
    assert_eq!(written, ["F_98_99", "R32_1_2", "R32_3_4", "R32_5_6"].map(|end| format!("{base}_{end}")));
    assert_eq!(after.len(), 21, "the row that is gone from the file stays");

    let rows = matches(&database);
    let find =
        |end: &str| rows.iter().find(|row| row.starts_with(&format!("{base}_{end} |"))).unwrap().clone();
    assert!(
        find("R32_1_2").contains("| Player N2 | 6-4 6-4 | [{\"a\": 4, \"b\": 6}, {\"a\": 4, \"b\": 6}]"),
        "{}",
        find("R32_1_2")
    );
    assert!(find("R32_3_4").contains("\"tb_a\": 7, \"tb_b\": 3"), "{}", find("R32_3_4"));
    assert!(
        find("R32_5_6")
            .ends_with("6-0 6-0 | [{\"a\": 6, \"b\": 0}, {\"a\": 6, \"b\": 0}] | completed | 2024-01-15"),
        "{}",
        find("R32_5_6")
    );
    let kept = database.client().query(include_str!("sql/ingest_ratings.sql"), &[]).unwrap();
    assert_eq!(kept.len(), 20, "ratings are not touched");

    let before = dump(&database);
    ingest(&database, feed.path(), &[]).expect_code(0);
    assert_eq!(dump(&database), before);
}

#[test]
fn a_corrected_event_moves_its_matches() {
    let (database, feed) = (TestDatabase::new("moved"), TestFolder::new("moved"));
    write(feed.path(), "atp_matches_2024.csv", &[record(&[]), record(&[("tourney_id", "2024-9")])]);
    ingest(&database, feed.path(), &[]).expect_code(0);
    let later = record(&[
        ("tourney_date", "20240115"),
        ("tourney_name", "Southport"),
        ("surface", "Clay"),
        ("draw_size", "96"),
    ]);
    write(feed.path(), "atp_matches_2024.csv", &[later, record(&[("tourney_id", "2024-9")])]);
    let numbers = metrics(&ingest(&database, feed.path(), &["--json"]).expect_code(0));
    assert_eq!((&numbers["matches_updated"], &numbers["matches_unchanged"]), (&1.into(), &1.into()));
    let content = lines(&database, include_str!("sql/ingest_content.sql"));
    let edition = "edition|1|sackmann:0301:A|men|2024|Southport ATP ATP 250 2024-01-15 2024-01-26 Clay 96";
    assert!(content.iter().any(|line| line == edition), "{content:#?}");
    assert!(matches(&database)[0].ends_with("2024-01-19"), "{:?}", matches(&database));
}

#[test]
fn the_latest_edition_names_the_tournament() {
    let (database, feed) = (TestDatabase::new("names"), TestFolder::new("names"));
    let edition =
        |id, name, date| record(&[("tourney_id", id), ("tourney_name", name), ("tourney_date", date)]);
    write(feed.path(), "atp_matches_2023.csv", &[edition("2023-1", "Old Name", "20230102")]);
    write(feed.path(), "atp_matches_2024.csv", &[edition("2024-1", "New Name", "20240101")]);
    ingest(&database, feed.path(), &[]).expect_code(0);
    let name = || {
        lines(&database, include_str!("sql/ingest_content.sql"))
            .into_iter()
            .find(|line| line.starts_with("tournament|"))
    };
    assert_eq!(name().unwrap(), "tournament|1|sackmann:1:A|New Name|ATP|ATP 250|men|Hard");
    write(feed.path(), "atp_matches_2023.csv", &[edition("2023-1", "Older Name", "20230102")]);
    ingest(&database, feed.path(), &[]).expect_code(0);
    assert_eq!(name().unwrap(), "tournament|1|sackmann:1:A|New Name|ATP|ATP 250|men|Hard");
}

#[test]
fn a_match_in_two_files_is_one_match() {
    let (database, feed) = (TestDatabase::new("twice"), TestFolder::new("twice"));
    write(
        feed.path(),
        "atp_matches_2024.csv",
        &[result(1, 2, "R32", "6-4 6-4"), result(3, 4, "R32", "6-4 6-4"), result(5, 6, "R32", "6-1 6-1")],
    );
    write(
        feed.path(),
        "atp_matches_qual_chall_2024.csv",
        &[
            result(1, 2, "R32", "6-4 6-4"),
            result(4, 3, "R32", "6-4 6-4"),
            result(5, 6, "R32", ""),
            result(7, 8, "Q1", "6-4 6-4"),
        ],
    );
    let output = ingest(&database, feed.path(), &["--json", "--workers", "1"]).expect_code(3);
    let numbers = metrics(&output);
    assert_eq!(
        (&numbers["matches_inserted"], &numbers["duplicates"], &numbers["records_failed"]),
        (&4.into(), &2.into(), &1.into())
    );
    assert_eq!(numbers["rejected"], serde_json::json!({"conflicting_repeat": 1}));
    let reject: Value =
        serde_json::from_str(&std::fs::read_to_string(feed.path().with_extension("rejects.jsonl")).unwrap())
            .unwrap();
    assert_eq!((&reject["line"], &reject["reason"]), (&3.into(), &"conflicting_repeat".into()));
    assert_eq!((&reject["record"]["winner_id"], &reject["record"]["loser_id"]), (&"4".into(), &"3".into()));
    let before = dump(&database);
    ingest(&database, feed.path(), &[]).expect_code(0);
    assert_eq!(dump(&database), before);
    std::fs::remove_file(feed.path().with_extension("rejects.jsonl")).unwrap();
}

#[test]
fn a_known_player_is_linked_and_not_doubled() {
    let (database, feed) = (TestDatabase::new("linked"), TestFolder::new("linked"));
    database.client().batch_execute(include_str!("sql/ingest_known_players.sql")).unwrap();
    let players = [
        ("1", "Alvaro Diaz", "33.9"), // the man with the accents
        ("2", "Kim Lee", "20.0"),     // a woman of that name is there
        ("3", "Rod Young", "40.0"),   // born too late
        ("4", "Sam Twin", "30.0"),    // no telling which
        ("5", "Robin Itf", ""),       // known as a woman
        ("6", "Alvaro Diaz", "33.9"), // the one who is there has an id already
        ("7", "Brand New", ""),
        ("8", "Other Man", ""),
    ];
    let rows: Vec<String> = players
        .chunks(2)
        .map(|pair| {
            let [winner, loser] = pair else { panic!() };
            record(&[
                ("winner_id", winner.0),
                ("winner_name", winner.1),
                ("winner_age", winner.2),
                ("loser_id", loser.0),
                ("loser_name", loser.1),
                ("loser_age", loser.2),
            ])
        })
        .collect();
    write(feed.path(), "atp_matches_2024.csv", &rows);
    let numbers = metrics(&ingest(&database, feed.path(), &["--json"]).expect_code(0));
    assert_eq!((&numbers["players_linked"], &numbers["players_created"]), (&1.into(), &7.into()));
    let shown = lines(&database, include_str!("sql/ingest_players.sql"));
    assert_eq!(shown[0], "Álvaro Díaz | men | 1 | a. diaz/atp,alvaro diaz/atp,alvaro diaz/sackmann");
    assert_eq!(shown.len(), 14, "{shown:#?}");
    assert!(
        shown.contains(&"Alvaro Diaz | men | 6".to_owned()),
        "a namesake has no alias of his own: {shown:#?}"
    );

    // The women's archive finds the women.
    write(
        feed.path(),
        "wta_matches_2024.csv",
        &[record(&[("winner_name", "LEE, Kim"), ("loser_name", "Robin Itf")])],
    );
    let numbers = metrics(&ingest(&database, feed.path(), &["--json"]).expect_code(0));
    assert_eq!((&numbers["players_linked"], &numbers["players_created"]), (&2.into(), &0.into()));
}

#[test]
fn another_spelling_becomes_an_alias() {
    let (database, feed) = (TestDatabase::new("spelling"), TestFolder::new("spelling"));
    write(
        feed.path(),
        "atp_matches_2023.csv",
        &[record(&[("tourney_id", "2023-1"), ("winner_name", "Robert Lutz")])],
    );
    write(feed.path(), "atp_matches_2024.csv", &[record(&[("winner_name", " Bob  Lutz ")])]);
    ingest(&database, feed.path(), &[]).expect_code(0);
    let shown = lines(&database, include_str!("sql/ingest_players.sql"));
    assert_eq!(shown[0], "Robert Lutz | men | 100 | bob lutz/sackmann,robert lutz/sackmann");
}

#[test]
fn tours_and_bounds_choose() {
    let (database, feed) = (TestDatabase::new("choice"), TestFolder::new("choice"));
    write_families(feed.path());
    let output = ingest(&database, feed.path(), &["--tours", "atp, ITF_WOMEN", "--json"]).expect_code(0);
    let files: Vec<String> = metrics(&output)["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            Path::new(file["file"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(sorted(files), ["atp_matches_2024.csv", "wta_matches_qual_itf_2024.csv"]);

    let numbers =
        metrics(&ingest(&database, feed.path(), &["--from", "2024-01-10", "--json"]).expect_code(0));
    // The Grand Slam of the women; the men's is there already, and their file is read again because the bounds differ.
    assert_eq!((&numbers["matches_inserted"], &numbers["matches_unchanged"]), (&1.into(), &1.into()));
    assert_eq!(
        (&numbers["records_scanned"], &numbers["skipped_out_of_range"], &numbers["records_skipped"]),
        (&9.into(), &7.into(), &7.into())
    );
    let before = dump(&database);
    ingest(&database, feed.path(), &["--from", "2024-01-10"]).expect_code(0);
    assert_eq!(dump(&database), before);
    let numbers = metrics(&ingest(&database, feed.path(), &["--json"]).expect_code(0));
    assert_eq!((&numbers["matches_inserted"], &numbers["matches_unchanged"]), (&4.into(), &5.into()));
}

#[test]
fn what_machines_read() {
    let (database, feed, files) =
        (TestDatabase::new("files"), TestFolder::new("files"), TestFolder::new("artifacts"));
    write(
        feed.path(),
        "atp_matches_2024.csv",
        &[record(&[]), record(&[("loser_id", "100")]), record(&[("round", "Z")])],
    );
    let path = |name: &str| files.path().join(name);
    let arguments = [
        "ingest",
        "--feed",
        feed.path().to_str().unwrap(),
        "--workers",
        "3",
        "--quiet-worker-logs",
        "--status-jsonl",
        path("status.jsonl").to_str().unwrap(),
        "--metrics-json",
        path("metrics.json").to_str().unwrap(),
    ]
    .map(str::to_owned);
    let output = database.teelo(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).expect_code(3);
    assert_eq!(output.stderr, "", "quiet");
    assert!(output.stdout.contains("rejected: 1 same_player; listed in "), "{}", output.stdout);
    let numbers: Value =
        serde_json::from_str(&std::fs::read_to_string(path("metrics.json")).unwrap()).unwrap();
    for (name, value) in
        [("records_scanned", 3), ("records_processed", 2), ("records_skipped", 0), ("records_failed", 1)]
    {
        assert_eq!(numbers[name], value, "{name}");
    }
    assert!(numbers["duration_s"].is_f64());
    assert_eq!((&numbers["status"], &numbers["unknown_rounds"]["Z"]), (&"partial".into(), &1.into()));
    assert_eq!(numbers["files"][0]["accepted"], 2);
    assert_eq!(numbers["rejects_jsonl"], path("rejects.jsonl").to_str().unwrap());
    let reject: Value =
        serde_json::from_str(&std::fs::read_to_string(path("rejects.jsonl")).unwrap()).unwrap();
    assert_eq!(
        (&reject["line"], &reject["reason"], &reject["field"]),
        (&3.into(), &"same_player".into(), &"loser_id".into())
    );
    assert!(reject["file"].as_str().unwrap().ends_with("atp_matches_2024.csv"));
    assert_eq!(reject["record"]["loser_name"], "Bo Berg");
    let events: Vec<Value> = std::fs::read_to_string(path("status.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["start", "file_start", "file_end", "progress", "end"]);
    assert_eq!((&events[3]["done"], &events[3]["unit"]), (&events[3]["total"], &"kB".into()));
    assert_eq!((&events[2]["rows_read"], &events[2]["rejected"]), (&3.into(), &1.into()));
}
