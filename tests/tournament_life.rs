//! One tournament's life, from the draw to the final, as a scraper delivers it hour by hour: in order, in any other order and
//! repeated, all at once and with several workers, the same rows come out.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use support::{TestDatabase, TestFolder};

/// Orders in which the documents are delivered one by one.
const SHUFFLES: u64 = 8;

/// A number below `below` that looks like chance; `seed` goes on.
fn random(seed: &mut u64, below: usize) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize % below
}

/// A document: the end of its name, and its records.
type Document = (&'static str, Vec<Value>);

/// What all records of the tournament have.
fn record(round: &str, fields: Value) -> Value {
    let mut record = json!({
        "source": "atp", "tournament_id": "northport", "tournament_year": 2026, "tournament_name": "Northport Open",
        "tournament_level": "ATP 250", "tournament_surface": "Hard", "tournament_start_date": "2026-01-05",
        "tournament_end_date": "2026-01-11", "round": round,
    });
    record.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    record
}

/// Player 0 to 31 of the first draw; some are written otherwise by the results. Every fourth has no id.
fn player(number: usize, side: &str, in_results: bool) -> Value {
    const FIRST: [&str; 8] = ["Aleks", "Bruno", "Carl", "Dario", "Émil", "Finn", "Göran", "Hugo"];
    const LAST: [&str; 4] = ["Novák", "Costa", "Lind", "Fell-Roe"];
    let (first, last) =
        (FIRST[number % 8], format!("{}{}", LAST[number / 8 % 4], ["", "son", "er"][number / 32]));
    let name = match in_results && number.is_multiple_of(3) {
        true => format!("{}, {first}", last.to_uppercase()),
        false => format!("{first} {last}"),
    };
    let mut fields = json!({});
    fields[format!("player_{side}_name")] = json!(name);
    if number % 4 != 3 {
        fields[format!("player_{side}_external_id")] = json!(format!("P{number:03}"));
    }
    if number < 4 {
        fields[format!("player_{side}_seed")] = json!(number + 1);
    }
    fields
}

fn merged(parts: &[Value]) -> Value {
    let mut all = json!({});
    parts.iter().for_each(|part| all.as_object_mut().unwrap().extend(part.as_object().unwrap().clone()));
    all
}

/// Who stands in a place of the first round: a seed with a bye, a pair, or a player who waits for a qualifier.
#[derive(Clone, Copy)]
enum Place {
    Bye(usize),
    Pair(usize, usize),
    Open(usize),
}

const ROUNDS: [&str; 5] = ["R32", "R16", "QF", "SF", "F"];

/// Who meets whom in which place of which round, and who wins; and how it is written.
struct Played {
    round: usize,
    position: usize,
    players: [usize; 2],
    winner: usize,
    score: &'static str,
    status: &'static str,
}

/// The first round's places: four seeds with byes, the others in pairs. `hour` 0: two qualifiers are not known, and player 30 has not
/// withdrawn yet.
fn first_round(hour: usize) -> Vec<Place> {
    let mut others = 4..28;
    (0..16)
        .map(|place: usize| {
            if place.is_multiple_of(4) {
                return Place::Bye(place / 4);
            }
            let (a, b) = (others.next().unwrap(), others.next().unwrap());
            match place {
                2 | 7 if hour == 0 => Place::Open(a),
                // The lucky loser 32 stands in for 30, who withdrew.
                5 => Place::Pair(a, if hour < 2 { 30 } else { 32 }),
                _ => Place::Pair(a, b),
            }
        })
        .collect()
}

/// The whole tournament as it is played.
fn matches() -> Vec<Played> {
    let mut seed = 42;
    let mut standing: Vec<Option<usize>> = Vec::new();
    let mut played = Vec::new();
    let mut decide = |round: usize, place: usize, a: usize, b: usize| {
        let kind = random(&mut seed, 10);
        let (score, status) = match kind {
            0 => ("6-4 2-1 RET", "retired"),
            1 => ("W/O", "walkover"),
            2 => ("7-6(5) 3-6 [10-8]", "completed"),
            _ => ("6-4 3-6 7-5", "completed"),
        };
        let winner = if random(&mut seed, 2) == 0 { a } else { b };
        played.push(Played { round, position: place + 1, players: [a, b], winner, score, status });
        winner
    };
    for (place, who) in first_round(2).into_iter().enumerate() {
        standing.push(Some(match who {
            Place::Bye(player) => player,
            Place::Pair(a, b) => decide(0, place, a, b),
            Place::Open(_) => unreachable!("all are known by now"),
        }));
    }
    for round in 1..ROUNDS.len() {
        standing = standing
            .chunks(2)
            .enumerate()
            .map(|(place, pair)| Some(decide(round, place, pair[0].unwrap(), pair[1].unwrap())))
            .collect();
    }
    played
}

/// The draw as it stands in an hour: the first round, and what is decided, with scores.
fn draw(hour: usize, decided: &[&Played]) -> Document {
    let result = |round: usize, place: usize| {
        decided.iter().find(|played| (played.round, played.position) == (round, place)).map_or(
            json!({}),
            |played| {
                let winner = player(played.winner, "a", false)["player_a_name"].clone();
                json!({"winner_name": winner, "score_raw": played.score})
            },
        )
    };
    let mut records = Vec::new();
    for (index, place) in first_round(hour).into_iter().enumerate() {
        let position = json!({"draw_position": index + 1});
        let fields = match place {
            Place::Bye(who) => {
                merged(&[position, player(who, "a", false), json!({"is_bye": true, "player_b_name": "Bye"})])
            }
            Place::Open(who) => {
                merged(&[position, player(who, "a", false), json!({"player_b_name": "Qualifier"})])
            }
            Place::Pair(a, b) => {
                merged(&[position, player(a, "a", false), player(b, "b", false), result(0, index + 1)])
            }
        };
        records.push(record("R32", fields));
    }
    // Later rounds stand in the draw when both are known, and now and then nobody is.
    for played in matches().iter().filter(|played| played.round > 0) {
        let known = decided.iter().any(|other| other.round == played.round);
        let [a, b] = played.players;
        let position = json!({"draw_position": played.position});
        let fields = match known && played.position % 2 == 1 {
            true => merged(&[
                position,
                player(a, "a", false),
                player(b, "b", false),
                result(played.round, played.position),
            ]),
            false => position,
        };
        records.push(record(ROUNDS[played.round], fields));
    }
    (".draw.jsonl", records)
}

/// The order of play of a round.
fn schedule(round: usize) -> Document {
    let of_round = |played: &Played| {
        let [a, b] = played.players;
        let mut fields = merged(&[
            player(b, "a", true),
            player(a, "b", true),
            json!({
                "scheduled_date": format!("2026-01-{:02}", 5 + round), "court": format!("Court {}", played.position),
            }),
        ]);
        if played.position % 2 == 1 {
            fields["scheduled_time"] = json!("11:30");
        }
        record(ROUNDS[round], fields)
    };
    (".schedule.jsonl", matches().iter().filter(|played| played.round == round).map(of_round).collect())
}

/// The results so far; some sides are the other way round, some have no date.
fn results(decided: &[&Played]) -> Document {
    let of = |played: &&Played| {
        let [a, b] = played.players;
        let (a, b) = if played.position.is_multiple_of(3) { (b, a) } else { (a, b) };
        let mut fields = merged(&[
            player(a, "a", true),
            player(b, "b", true),
            json!({
                "winner_name": player(played.winner, "a", played.position.is_multiple_of(2))["player_a_name"],
                "score_raw": played.score, "status": played.status, "match_number": played.round * 100 + played.position,
            }),
        ]);
        if played.position % 4 != 2 {
            fields["match_date"] = json!(format!("2026-01-{:02}", 5 + played.round));
            fields["duration_minutes"] = json!(60 + played.position);
        }
        record(ROUNDS[played.round], fields)
    };
    (".results.jsonl", decided.iter().map(of).collect())
}

/// What a scraper delivers, hour by hour.
fn life() -> Vec<Vec<Document>> {
    let all = matches();
    let mut hours = vec![vec![draw(0, &[])], vec![draw(1, &[]), schedule(0)], vec![draw(2, &[])]];
    for round in 0..ROUNDS.len() {
        let of_round = all.iter().filter(|played| played.round <= round).collect::<Vec<_>>();
        // First some of the round's results, then all of them, and the next order of play.
        let half = of_round.iter().copied().filter(|played| played.round < round || played.position % 2 == 1);
        hours.push(vec![results(&half.collect::<Vec<_>>())]);
        let mut last = vec![results(&of_round), draw(2 + round, &of_round)];
        if round + 1 < ROUNDS.len() {
            last.push(schedule(round + 1));
        }
        hours.push(last);
    }
    hours
}

fn write(feed: &Path, name: &str, document: &Document) {
    let text: String = document.1.iter().map(|record| format!("{record}\n")).collect();
    std::fs::write(feed.join(format!("{name}{}", document.0)), text).unwrap();
}

fn ingest(database: &TestDatabase, feed: &Path, more: &[&str]) -> Value {
    let mut arguments = vec!["ingest", "--feed", feed.to_str().unwrap(), "--quiet-worker-logs", "--json"];
    arguments.extend(more);
    let output = database.teelo(&arguments).expect_code(0);
    serde_json::from_str(&output.stdout).unwrap()
}

/// Every match that counts, seen from the player whose name comes first: which side is A depends on who told first.
fn rows(database: &TestDatabase) -> BTreeMap<String, String> {
    let rows = database.client().query(include_str!("sql/life_matches.sql"), &[]).unwrap();
    rows.iter().map(|row| (row.get("key"), row.get("content"))).collect()
}

#[track_caller]
fn expect_same(found: &BTreeMap<String, String>, expected: &BTreeMap<String, String>, what: &str) {
    for (key, content) in expected {
        assert_eq!(found.get(key), Some(content), "{what}: {key}");
    }
    let more: Vec<_> = found.keys().filter(|key| !expected.contains_key(*key)).collect();
    assert!(more.is_empty(), "{what}: {more:?}");
}

/// The tournament in the order in which it was played.
fn in_order() -> (TestDatabase, TestFolder, BTreeMap<String, String>) {
    let (database, feed) = (TestDatabase::new("life"), TestFolder::new("life"));
    for hour in life() {
        hour.iter().for_each(|document| write(feed.path(), "northport", document));
        ingest(&database, feed.path(), &[]);
    }
    let rows = rows(&database);
    (database, feed, rows)
}

#[test]
fn hour_by_hour_the_draw_is_played() {
    let (database, feed) = (TestDatabase::new("hours"), TestFolder::new("hours"));
    let mut client = database.client();
    let mut count = |status: &str| -> i64 {
        client.query_one(include_str!("sql/life_count.sql"), &[&status]).unwrap().get(0)
    };
    let mut hours = life().into_iter();
    let mut next = || {
        let hour = hours.next().unwrap();
        hour.iter().for_each(|document| write(feed.path(), "northport", document));
        ingest(&database, feed.path(), &[])
    };
    next();
    assert_eq!(count("upcoming"), 10, "twelve places with two players, two of which wait for a qualifier");
    let second = next();
    assert_eq!((count("upcoming"), count("scheduled")), (1, 11), "the lucky loser's match is not there yet");
    assert_eq!(second["schedules_waiting"], 1);
    next();
    assert_eq!(
        (count("cancelled"), count("scheduled")),
        (1, 12),
        "who withdrew, and whom their place went to"
    );
    next();
    assert_eq!(
        (count("scheduled"), count("upcoming")),
        (8, 0),
        "four have played, and no place has both its feeders"
    );
    next();
    assert_eq!(
        (count("scheduled"), count("upcoming")),
        (8, 0),
        "the second round is made, and its times are known"
    );
    for _ in 0..8 {
        next();
    }
    assert_eq!((count("cancelled"), count("upcoming"), count("scheduled")), (1, 0, 0));
    let played = matches();
    assert_eq!(rows(&database).len(), played.len());
    assert_eq!(ingest(&database, feed.path(), &[])["files_unchanged"], 3);
    database.teelo(&["elo"]).expect_code(0);
    database.teelo(&["verify"]).expect_code(0);
}

#[test]
fn in_any_order_and_repeated_the_same_rows_come_out() {
    let (_database, _feed, expected) = in_order();
    let documents: Vec<Document> = life().into_iter().flatten().collect();
    for shuffle in 1..=SHUFFLES {
        let (database, feed) = (TestDatabase::new("shuffled"), TestFolder::new("shuffled"));
        let mut seed = shuffle;
        let mut order: Vec<usize> =
            (0..documents.len()).chain((0..5).map(|_| random(&mut seed, documents.len()))).collect();
        for place in (1..order.len()).rev() {
            order.swap(place, random(&mut seed, place + 1));
        }
        for place in &order {
            write(feed.path(), "northport", &documents[*place]);
            ingest(&database, feed.path(), &[]);
        }
        expect_same(&rows(&database), &expected, &format!("shuffle {shuffle}: {order:?}"));
        database.teelo(&["elo"]).expect_code(0);
        database.teelo(&["verify"]).expect_code(0);
    }
}

#[test]
fn all_at_once_with_several_workers_the_same_rows_come_out() {
    let (_database, _feed, expected) = in_order();
    let (database, feed) = (TestDatabase::new("at_once"), TestFolder::new("at_once"));
    for (number, document) in life().iter().flatten().enumerate() {
        write(feed.path(), &format!("hour-{number:02}"), document);
    }
    ingest(&database, feed.path(), &["--workers", "4"]);
    expect_same(&rows(&database), &expected, "all at once");
}
