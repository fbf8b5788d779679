//! A database far away: what the ingest costs there is the number of its round trips, and that follows from the number of files, not
//! from what they hold.

#[path = "support/feed.rs"]
mod feed;
#[path = "support/feed_stage.rs"]
mod feed_stage;
#[path = "support/proxy.rs"]
mod proxy;
mod support;

use std::time::Duration;

use feed_stage::Stage;
use proxy::Proxy;
use serde_json::{Value, json};
use support::run;

/// What a feed document may cost whose players are known by their ids.
const DOCUMENT: u64 = 20;
/// What a file may cost whose players have to be looked for by their names, and made.
const FILE_OF_STRANGERS: u64 = 22;
/// What a match archive may cost of which all players are known.
const ARCHIVE: u64 = 21;
/// What `teelo ingest` may cost when there is nothing to do. Ten look what server it is, before the stage begins.
const IDLE_INGEST: u64 = 14;
/// What `teelo run` may cost when there is nothing to do, and for each second that it lasts, in which it looks after its lock.
const IDLE_RUN: u64 = 35;

/// Runs the program on the feed, through a proxy; returns its round trips.
#[track_caller]
fn round_trips(stage: &Stage, arguments: &[&str]) -> u64 {
    let proxy = Proxy::slow(support::server().log_path().parent().unwrap(), Duration::ZERO);
    let mut command = stage.database.command(arguments);
    command.current_dir(stage.path("..")).env("TEELO_FEED_DIRS", stage.path(""));
    run(command.env("DATABASE_URL", proxy.url(stage.database.url()))).expect_code(0);
    proxy.round_trips()
}

#[track_caller]
fn ingest(stage: &Stage) -> u64 {
    round_trips(stage, &["ingest", "--workers", "1"])
}

/// What one more file costs: `write` writes the file of a name, of one for the first run and of two for the second.
#[track_caller]
fn expect_cheap(stage: &Stage, what: &str, most: u64, names: [&str; 3], write: impl Fn(&str)) {
    write(names[0]);
    let one = ingest(stage);
    names[1..].iter().for_each(|name| write(name));
    let two = ingest(stage);
    println!("{what}: {one} round trips for one, {two} for two: {} for one more", two - one);
    assert!(two - one <= most, "{what}: {} round trips", two - one);
}

/// Writes the document `name`, such as `one.draw.jsonl` of the tournament `one`, with matches of so many pairs.
fn write_document(stage: &Stage, name: &str, pairs: u32, complete: impl Fn(&mut Value)) {
    let tournament = name.split('.').next().unwrap();
    let line = |position: u32| {
        let mut record = json!({
            "source": "atp",
            "tournament_id": tournament,
            "tournament_year": 2026,
            "tournament_name": tournament,
            "tournament_level": "ATP 250",
            "tournament_surface": "Hard",
            "tournament_start_date": "2026-01-05",
            "tournament_end_date": "2026-01-11",
            "tour": "ATP",
            "gender": "men",
            "round": "R128",
            "draw_position": position,
        });
        for (side, number) in [("a", 2 * position - 1), ("b", 2 * position)] {
            record[format!("player_{side}_name")] = player_name("Known", number).into();
            record[format!("player_{side}_external_id")] = format!("P{number:03}").into();
            record[format!("player_{side}_nationality")] = "GBR".into();
        }
        complete(&mut record);
        format!("{record}\n")
    };
    stage.write(name, (1..=pairs).map(line).collect::<String>());
}

/// Names that nobody takes for one another.
fn player_name(first_name: &str, number: u32) -> String {
    let letter = |place: u32| char::from(b'a' + (number / 26_u32.pow(place) % 26) as u8).to_string();
    format!("{first_name} {}{}", letter(0).repeat(4), letter(1).repeat(4))
}

fn schedule(record: &mut Value) {
    record["scheduled_date"] = "2026-01-06".into();
    record["scheduled_time"] = "11:30".into();
}

fn decide(record: &mut Value) {
    record["winner_name"] = record["player_a_name"].clone();
    record["score_raw"] = "6-4 6-4".into();
    record["match_date"] = "2026-01-06".into();
}

/// Takes the players' ids off, and gives them names of this tournament alone.
fn estrange(record: &mut Value) {
    let tournament = record["tournament_id"].as_str().unwrap().to_owned();
    for side in ["a", "b"] {
        let name = record[format!("player_{side}_name")].as_str().unwrap().replace("Known", &tournament);
        record[format!("player_{side}_name")] = name.into();
        record[format!("player_{side}_external_id")] = Value::Null;
    }
}

/// Writes the archive of a year, of players with numbers from `first` on.
fn write_archive(stage: &Stage, year: &str, first: u32) {
    let results = (0..8).map(|pair| {
        let result = feed::result(first + 2 * pair, first + 2 * pair + 1, "R16", "6-4 6-4");
        result.replace("2024", year)
    });
    feed::write(&stage.path(""), &format!("atp_matches_{year}.csv"), &results.collect::<Vec<_>>());
}

#[test]
fn a_document_takes_few_round_trips() {
    let stage = Stage::new("far_documents");
    write_document(&stage, "zero.draw.jsonl", 8, |_| ());
    ingest(&stage);
    let draws = ["one.draw.jsonl", "two.draw.jsonl", "three.draw.jsonl"];
    expect_cheap(&stage, "a draw", DOCUMENT, draws, |name| write_document(&stage, name, 8, |_| ()));
    let schedules = ["one.schedule.jsonl", "two.schedule.jsonl", "three.schedule.jsonl"];
    expect_cheap(&stage, "a schedule", DOCUMENT, schedules, |name| write_document(&stage, name, 8, schedule));
    let results = ["one.results.jsonl", "two.results.jsonl", "three.results.jsonl"];
    expect_cheap(&stage, "results", DOCUMENT, results, |name| write_document(&stage, name, 8, decide));
    let strange = ["four.draw.jsonl", "five.draw.jsonl", "six.draw.jsonl"];
    expect_cheap(&stage, "a draw of strangers", FILE_OF_STRANGERS, strange, |name| {
        write_document(&stage, name, 8, estrange);
    });
}

#[test]
fn more_records_in_a_document_take_no_more_round_trips() {
    let [few, many] = [2, 60].map(|pairs| {
        let stage = Stage::new("far_records");
        let document = |kind: &str, complete: fn(&mut Value)| {
            write_document(&stage, &format!("one.{kind}.jsonl"), pairs, complete);
            ingest(&stage)
        };
        [document("draw", |_| ()), document("schedule", schedule), document("results", decide)]
    });
    assert_eq!(few, many);
}

#[test]
fn an_archive_takes_few_round_trips() {
    let stage = Stage::new("far_archives");
    let strangers = ["2020", "2021", "2022"];
    expect_cheap(&stage, "an archive of strangers", FILE_OF_STRANGERS, strangers, |year| {
        write_archive(&stage, year, 100 * year.parse::<u32>().unwrap());
    });
    let known = ["2023", "2024", "2025"];
    expect_cheap(&stage, "an archive", ARCHIVE, known, |year| write_archive(&stage, year, 202_000));
}

#[test]
fn players_known_from_documents_are_linked_to_an_archive_at_once() {
    let [few, many] = [2, 60].map(|pairs| {
        let stage = Stage::new("far_links");
        write_document(&stage, "one.draw.jsonl", pairs, |_| ());
        ingest(&stage);
        let results: Vec<String> = (1..=pairs)
            .map(|pair| {
                let result = feed::result(2 * pair - 1, 2 * pair, "R128", "6-4 6-4");
                [2 * pair - 1, 2 * pair].into_iter().fold(result, |result, number| {
                    result
                        .replace(&format!("Player N{number},"), &format!("{},", player_name("Known", number)))
                })
            })
            .collect();
        feed::write(&stage.path(""), "atp_matches_2024.csv", &results);
        let round_trips = ingest(&stage);
        let players = stage.content("player");
        assert_eq!(players.len() as u32, 2 * pairs, "{players:?}");
        round_trips
    });
    assert_eq!(few, many);
}

#[test]
fn nothing_to_do_takes_few_round_trips() {
    let stage = Stage::new("far_idle");
    write_document(&stage, "one.draw.jsonl", 8, |_| ());
    ingest(&stage);
    let idle = ingest(&stage);
    round_trips(&stage, &["run"]);
    let began = std::time::Instant::now();
    let run = round_trips(&stage, &["run"]);
    println!("nothing to do: {idle} round trips for `teelo ingest`, {run} for `teelo run`");
    assert!(idle <= IDLE_INGEST, "{idle}");
    assert!(run <= IDLE_RUN + began.elapsed().as_secs(), "{run}");
}
