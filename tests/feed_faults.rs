//! Every kind of fault in a feed document: it is listed with its line, reason and field, and its good neighbours are read.

#[path = "support/documents.rs"]
mod documents_support;
#[path = "support/faults.rs"]
mod faults;
mod support;

use std::collections::BTreeSet;

use documents_support::{good, line};
use serde_json::{Value, json};
use support::{TestFolder, teelo};
use teelo::ingest::documents::Kind;

/// Line, reason code and field of a problem.
type Problem = (u64, &'static str, Option<&'static str>);

/// A file of this kind with every fault, a good record before and behind each; and the problems.
fn broken(kind: Kind) -> (Vec<u8>, Vec<Problem>) {
    let good = line(kind, &json!({})).into_bytes();
    let mut text = good.clone();
    let mut problems = Vec::new();
    for (index, fault) in faults::all(kind).into_iter().enumerate() {
        text.push(b'\n');
        text.extend(fault.line);
        text.push(b'\n');
        text.extend(&good);
        problems.push((2 * index as u64 + 2, fault.reason, fault.field));
    }
    (text, problems)
}

#[test]
fn every_fault_is_listed_and_its_neighbours_are_read() {
    let mut kinds_of_fault = BTreeSet::new();
    for kind in Kind::ALL {
        let (text, expected) = broken(kind);
        let folder = TestFolder::new("faults");
        let path = folder.path().join(format!("broken{}", kind.ending()));
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();

        let output = teelo(&["ingest", "--check", "--json", path]).expect_code(3);
        let mut lines: Vec<Value> =
            output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let summary = lines.pop().unwrap();
        let found: Vec<_> = lines
            .iter()
            .map(|problem| {
                assert_eq!((&problem["type"], &problem["file"]), (&json!("problem"), &json!(path)));
                assert!(problem["expected"].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
                (problem["line"].as_u64().unwrap(), problem["reason"].as_str(), problem["field"].as_str())
            })
            .collect();
        let expected: Vec<_> =
            expected.into_iter().map(|(line, reason, field)| (line, Some(reason), field)).collect();
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{kind:?}");
        }
        assert_eq!(found.len(), expected.len(), "{kind:?}");
        let good = expected.len() as u64 + 1;
        assert_eq!(summary["accepted"], json!(good), "{kind:?}: {summary}");
        assert_eq!(summary["records"], json!(good + expected.len() as u64), "{summary}");
        kinds_of_fault.extend(
            found.iter().map(|(_, reason, field)| (reason.unwrap().to_owned(), field.map(str::to_owned))),
        );

        // For a person: the same problems, one a line.
        let shown = teelo(&["ingest", "--check", path]).expect_code(3).stdout;
        let listed: Vec<&str> = shown.lines().filter(|line| line.starts_with(path)).collect();
        assert_eq!(listed.len(), expected.len());
        for (shown, (line, reason, field)) in listed.iter().zip(&expected) {
            let beginning = match field {
                Some(field) => format!("{path}:{line}: {field}: expected "),
                None => format!("{path}:{line}: expected "),
            };
            assert!(
                shown.starts_with(&beginning) && shown.ends_with(&format!(" [{}]", reason.unwrap())),
                "{shown}"
            );
        }
    }
    assert!(kinds_of_fault.len() >= 60, "only {} kinds of fault", kinds_of_fault.len());
}

#[test]
fn every_problem_of_a_record_is_listed_and_the_first_is_counted() {
    let folder = TestFolder::new("faults");
    let path = folder.path().join("two.results.jsonl");
    let changes = json!({"tournament_year": "2026", "player_a_seed": 0, "court": 5, "round": null});
    std::fs::write(&path, line(Kind::Results, &changes)).unwrap();
    let output = teelo(&["ingest", "--check", path.to_str().unwrap()]).expect_code(3);
    let path = path.display();
    let expected = format!(
        "{path}:1: tournament_year: expected a whole number; found \"2026\" [wrong_type]\n\
         {path}:1: round: expected a value; it is required [missing_field]\n\
         {path}:1: player_a_seed: expected a whole number from 1 to 256; found 0 [bad_field]\n\
         note: fields that mean nothing here and are ignored: court (1)\n\
         check: 1 file, 1 record: 0 accepted, 1 rejected (1 wrong_type)\n"
    );
    assert_eq!(output.stdout, expected);
    assert_eq!(output.stderr, "");
}

/// Every field is read: an array in it is noticed. None is ignored.
#[test]
fn every_field_is_read() {
    for kind in Kind::ALL {
        let record = good(kind);
        let names: BTreeSet<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, kind.fields().collect(), "{kind:?}: a good record has every field, and no other");
        let folder = TestFolder::new("fields");
        let path = folder.path().join(format!("wrong{}", kind.ending()));
        let text: Vec<String> = kind.fields().map(|name| line(kind, &json!({name: [1]}))).collect();
        std::fs::write(&path, text.join("\n")).unwrap();
        let output = teelo(&["ingest", "--check", "--json", path.to_str().unwrap()]).expect_code(3);
        let mut problems = output.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        for (index, name) in kind.fields().enumerate() {
            let problem = problems.next().unwrap();
            let found = (&problem["line"], &problem["reason"], &problem["field"]);
            assert_eq!(found, (&json!(index + 1), &json!("wrong_type"), &json!(name)));
        }
    }
}
