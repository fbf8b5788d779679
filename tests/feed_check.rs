//! `teelo ingest --check`: what it prints and returns for good files, broken ones, and what is no feed file.

#[path = "support/documents.rs"]
mod documents_support;
#[path = "support/feed.rs"]
mod feed;
mod support;

use std::path::Path;

use documents_support::line;
use serde_json::{Value, json};
use support::{Output, TestFolder, run, teelo, teelo_command};
use teelo::ingest::documents::Kind;

/// Checks these files of `folder`, named as they lie there.
fn check(folder: &Path, arguments: &[&str]) -> Output {
    let arguments = [&["ingest", "--check"], arguments].concat();
    run(teelo_command(&arguments).current_dir(folder))
}

fn folder() -> TestFolder {
    let folder = TestFolder::new("check");
    for kind in Kind::ALL {
        let text = format!(
            "{}\n{}\n",
            line(kind, &json!({})),
            line(kind, &json!({"round": "QF", "draw_position": 1}))
        );
        std::fs::write(folder.path().join(format!("good{}", kind.ending())), text).unwrap();
    }
    feed::write(
        folder.path(),
        "atp_matches_2024.csv",
        &[
            feed::result(1, 2, "R32", "6-1 6-1"),
            feed::result(1, 2, "R32", "6-1 6-1"),
            feed::result(3, 3, "F", "6-0 6-0"),
        ],
    );
    folder
}

#[test]
fn good_files_are_checked_silently() {
    let folder = folder();
    let files = ["good.draw.jsonl", "good.schedule.jsonl", "good.results.jsonl"];
    let output = check(folder.path(), &files).expect_code(0);
    let expected = "note: fields that mean nothing here and are ignored: draw_position (2)\n\
                    check: 3 files, 6 records: 6 accepted, 0 rejected\n";
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), (expected, ""));
    std::fs::write(folder.path().join("none.draw.jsonl"), "").unwrap();
    let output = check(folder.path(), &["none.draw.jsonl"]).expect_code(0);
    assert_eq!(output.stdout, "check: 1 file, 0 records: 0 accepted, 0 rejected\n");
}

#[test]
fn archives_are_checked_too() {
    let folder = folder();
    let output = check(folder.path(), &["atp_matches_2024.csv"]).expect_code(3);
    let expected = "atp_matches_2024.csv:4: loser_id: expected two different players; found \"3\" [same_player]\n\
                    check: 1 file, 3 records: 1 accepted, 1 rejected (1 same_player), 1 duplicate\n";
    assert_eq!(output.stdout, expected);
    let output = check(folder.path(), &["atp_matches_2024.csv", "--json"]).expect_code(3);
    let lines: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["record"]["winner_id"], json!("3"));
    let expected = json!({
        "type": "summary", "files": 1, "files_failed": 0, "records": 3, "accepted": 1, "duplicates": 1,
        "rejected": {"same_player": 1}, "unknown_levels": {}, "unknown_rounds": {}, "scores_not_understood": {},
        "unknown_fields": {},
    });
    assert_eq!(lines[1], expected);
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_the_others_are_checked() {
    let folder = folder();
    std::fs::write(folder.path().join("csv.results.jsonl"), "source,round\natp,F\n").unwrap();
    std::fs::write(folder.path().join("wta_matches_2024.csv"), "").unwrap();
    std::fs::create_dir(folder.path().join("folder.draw.jsonl")).unwrap();
    let files = [
        "none.draw.jsonl",
        "csv.results.jsonl",
        "wta_matches_2024.csv",
        "folder.draw.jsonl",
        "good.draw.jsonl",
        "atp_matches_2024.csv",
    ];
    let output = check(folder.path(), &files).expect_code(1);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines[0], "none.draw.jsonl: opening it: No such file or directory (os error 2)");
    assert_eq!(
        lines[1],
        "csv.results.jsonl: it holds no JSON at all: expected one JSON object a line, as UTF-8 text"
    );
    assert_eq!(lines[2], "wta_matches_2024.csv: it is empty; expected a header line that names the columns");
    assert_eq!(lines[3], "folder.draw.jsonl: Is a directory (os error 21)");
    assert!(lines[4].starts_with("atp_matches_2024.csv:4: "), "{}", lines[4]);
    assert_eq!(
        lines[5],
        "check: 6 files, 5 records: 3 accepted, 1 rejected (1 same_player), 1 duplicate; 4 cannot be read"
    );
    let output = check(folder.path(), &[&["--json"], &files[..]].concat()).expect_code(1);
    let failed: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&failed[0]["type"], &failed[0]["file"]), (&json!("file_failed"), &json!("none.draw.jsonl")));
    assert_eq!(failed.last().unwrap()["files_failed"], json!(4));
}

#[test]
fn wrong_arguments_are_named_and_nothing_is_read() {
    for (arguments, words) in [
        (&["--check"][..], "--check needs the names of the files to check"),
        (&["--check", "--feed", "x", "y.draw.jsonl"], "only --json goes with it"),
        (&["--check", "y.draw.jsonl", "--workers", "2"], "only --json goes with it"),
        (&["--check", "good.draw.jsonl", "notes.txt"], "\"notes.txt\" is not the name of a feed file"),
        (&["--check", ".new.draw.jsonl"], "expected *.draw.jsonl, *.schedule.jsonl, *.results.jsonl, or"),
        (&["good.draw.jsonl"], "unexpected argument \"good.draw.jsonl\""),
    ] {
        let refused = teelo(&[&["ingest"], arguments].concat()).expect_code(2);
        assert!(refused.stderr.contains(words), "{arguments:?}: {}", refused.stderr);
        assert_eq!(refused.stdout, "", "{arguments:?}");
    }
}
