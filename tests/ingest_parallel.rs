//! Two thousand tournaments and five thousand players who meet in many files at once: however many workers and processes bring them in,
//! the rows are those that one worker makes, and nothing is there twice.

#[path = "support/documents.rs"]
mod documents_support;
#[path = "support/feed_stage.rs"]
mod feed_stage;
#[path = "support/season_feed.rs"]
mod season_feed;
mod support;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Instant;

use documents_support::{ABSENT, line};
use feed_stage::Stage;
use season_feed::{NAMESAKES, PLAYERS, TOURNAMENTS};
use serde_json::{Value, json};
use support::{TestFolder, wait_until};
use teelo::ingest::documents::Kind;

/// A feed of the whole season; the processes with so many workers each bring it in, at the same time.
fn ingested(name: &str, workers: &[usize]) -> Stage {
    let stage = Stage::new(name);
    for (name, content) in season_feed::files() {
        stage.write(&name, content);
    }
    let started = Instant::now();
    let processes: Vec<_> = workers
        .iter()
        .enumerate()
        .map(|(number, workers)| {
            let (feed, metrics) = (stage.path(""), stage.path(&format!("../metrics-{number}.json")));
            let rejects = stage.path(&format!("../rejects-{number}.jsonl"));
            let arguments = [
                "ingest",
                "--quiet-worker-logs",
                "--feed",
                feed.to_str().unwrap(),
                "--workers",
                &workers.to_string(),
                "--rejects-jsonl",
                rejects.to_str().unwrap(),
                "--metrics-json",
                metrics.to_str().unwrap(),
            ];
            let mut command = stage.database.command(&arguments);
            command
                .env("RUST_LOG", "teelo=debug")
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let outputs: Vec<_> = processes.into_iter().map(|process| process.wait_with_output().unwrap()).collect();
    let texts: Vec<String> =
        outputs.iter().map(|output| String::from_utf8_lossy(&output.stderr).into_owned()).collect();
    let lost: usize = texts.iter().map(|text| text.matches("lost against another writer").count()).sum();
    let files = (0..workers.len()).map(|number| {
        let metrics = std::fs::read_to_string(stage.path(&format!("../metrics-{number}.json"))).unwrap();
        serde_json::from_str::<Value>(&metrics).unwrap()["tasks_completed"].as_u64().unwrap()
    });
    println!(
        "{name}: {:.1} s, files by process {:?}, {lost} transactions done again",
        started.elapsed().as_secs_f64(),
        files.collect::<Vec<_>>()
    );
    let errors: Vec<&str> =
        texts.iter().flat_map(|text| text.lines()).filter(|line| line.contains("ERROR")).collect();
    assert!(
        errors.is_empty(),
        "{} errors: {}",
        errors.len(),
        errors.iter().take(5).copied().collect::<Vec<_>>().join("\n")
    );
    for output in outputs {
        assert!([Some(0), Some(3)].contains(&output.status.code()), "{:?}", output.status);
    }
    stage
}

/// Nothing is there twice, and everybody is there once.
#[track_caller]
fn expect_no_doubles(stage: &Stage) {
    let mut client = stage.database.client();
    let doubles = client.query(include_str!("sql/parallel_doubles.sql"), &[]).unwrap();
    let doubles: Vec<String> = doubles.iter().map(|row| row.get(0)).collect();
    assert!(doubles.is_empty(), "{} doubles: {:#?}", doubles.len(), &doubles[..doubles.len().min(5)]);
    let players = stage.content("player ");
    assert_eq!(players.len(), PLAYERS + 2 * NAMESAKES);
    assert_eq!(stage.content("tournament").len(), TOURNAMENTS);
}

#[track_caller]
fn expect_same(one: &[String], other: &[String]) {
    let (first, second): (BTreeSet<_>, BTreeSet<_>) = (one.iter().collect(), other.iter().collect());
    let missing: Vec<_> = first.difference(&second).take(4).collect();
    let added: Vec<_> = second.difference(&first).take(4).collect();
    assert!(missing.is_empty() && added.is_empty(), "missing {missing:#?}\nadded {added:#?}");
    assert_eq!(one.len(), other.len());
}

#[test]
fn however_many_workers_bring_it_in_the_rows_are_the_same() {
    let alone = ingested("alone", &[1]);
    expect_no_doubles(&alone);
    let expected = alone.content("");
    println!("{} rows", expected.len());
    for (name, workers) in [("workers", &[8][..]), ("processes", &[4, 4])] {
        let together = ingested(name, workers);
        expect_no_doubles(&together);
        expect_same(&expected, &together.content(""));
        let (metrics, _) = together.ingest(&[], 0);
        assert_eq!(metrics["tasks_due"], json!(0));
    }
}

/// What a process knows of the players grows old while another one works: it sees that, and looks again.
#[test]
fn an_id_that_another_process_gives_is_seen() {
    let (stage, other) = (Stage::new("stale"), TestFolder::new("stale_other"));
    let result = |special: Value| {
        let mut changes = json!({"external_id": ABSENT});
        documents_support::patch(&mut changes, &special);
        line(Kind::Results, &changes)
    };
    // Ada Ames is known, without an id.
    let mut unknown = json!({});
    unknown["player_a_external_id"] = json!(null);
    stage.write("0.results.jsonl", result(unknown));
    stage.ingest(&[], 0);
    // A draw with somebody new, for which everybody is read; later in the same run, her namesake with an id.
    let mut waiting =
        json!({"player_a_name": "Cy Cole", "player_a_external_id": "CC03", "player_b_name": "Qualifier"});
    ["player_b_external_id", "winner_name", "score_raw"].iter().for_each(|name| waiting[name] = json!(null));
    stage.write("1.draw.jsonl", line(Kind::Draw, &waiting));
    stage.write("2.results.jsonl", result(json!({"player_a_external_id": "AA77"})));
    // Meanwhile another process learns who the first one is.
    let known = result(json!({"tournament_id": "southport"}));
    std::fs::write(other.path().join("3.results.jsonl"), known).unwrap();

    let mut holder = stage.database.client();
    let mut transaction = holder.transaction().unwrap();
    transaction.batch_execute(include_str!("sql/draw_places_lock.sql")).unwrap();
    let feed = stage.path("");
    let mut command = stage.database.command(&["ingest", "--workers", "1", "--feed", feed.to_str().unwrap()]);
    command
        .env("RUST_LOG", "teelo=debug")
        .args(["--rejects-jsonl", stage.path("../rejects.jsonl").to_str().unwrap()]);
    let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the first file's players", || !stage.content("player | Cy Cole").is_empty());
    let feed = other.path().to_str().unwrap();
    stage.database.teelo(&["ingest", "--workers", "1", "--feed", feed]).expect_code(0);
    transaction.commit().unwrap();

    let output = process.wait_with_output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{log}");
    assert!(log.contains("2.results.jsonl: lost against another writer"), "{log}");
    let named: Vec<String> = stage.content("player | Ada Ames");
    assert_eq!(named.len(), 2, "{named:?}");
    assert!(named[0].contains("atp AA01") && named[1].contains("atp AA77"), "{named:?}");
}
