//! Random bytes, truncations and mutations of good documents and archives: the readers never panic or hang, account for every
//! record, and let nothing pass that the database's rules forbid. TEELO_FUZZ_INPUTS sets how many inputs there are.

#[path = "support/damage.rs"]
mod damage;
#[path = "support/documents.rs"]
mod documents_support;
#[path = "support/feed.rs"]
mod feed;

use std::io::{BufReader, Read};

use damage::{Random, odd_fields, odd_row};
use documents_support::line;
use serde_json::{Value, json};
use teelo::ingest::archive::{self, Bounds};
use teelo::ingest::documents::decision::Decision;
use teelo::ingest::documents::draw::{DrawRecord, Place};
use teelo::ingest::documents::entrant::Entrant;
use teelo::ingest::documents::event::Event;
use teelo::ingest::documents::results::ResultRecord;
use teelo::ingest::documents::schedule::ScheduleRecord;
use teelo::ingest::documents::{self, Record};
use teelo::ingest::levels::{Family, TOURS};

/// Inputs of one run, over all readers.
const INPUTS: u64 = 100_000;
/// The first input's seed; the others follow.
const FIRST_SEED: u64 = 20_260_106;

/// One of the good records, or several, damaged.
fn damaged(random: &mut Random, records: &[String], header: &str) -> Vec<u8> {
    let mut bytes = header.as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        bytes.extend(records[random.below(records.len())].as_bytes());
        bytes.push(b'\n');
    }
    match random.below(8) {
        0 => return (0..random.below(400)).map(|_| random.next() as u8).collect(),
        1 => bytes.truncate(random.below(bytes.len() + 1)),
        _ => {}
    }
    (0..random.below(5)).for_each(|_| damage::damage(random, &mut bytes));
    bytes
}

/// A source that is read on and on behind its end shows a reader that does not stop.
struct Ending<'a> {
    bytes: &'a [u8],
    reads_left: u32,
}

impl Read for Ending<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.reads_left = self.reads_left.checked_sub(1).expect("the reader does not stop");
        self.bytes.read(buffer)
    }
}

/// Says which input a test failed on.
struct Shown<'a>(u64, &'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}: {}", self.0, self.1.escape_ascii());
        }
    }
}

/// Runs `check` on a quarter of the inputs. It returns how many records were accepted and how many rejected; both must happen often.
fn fuzz(
    records: &[String],
    header: &str,
    odd: impl Fn(&mut Random) -> String,
    check: impl Fn(&[u8]) -> (u64, u64),
) {
    let inputs: u64 = std::env::var("TEELO_FUZZ_INPUTS")
        .map_or(INPUTS, |text| text.parse().expect("TEELO_FUZZ_INPUTS: a number"));
    let inputs = inputs.div_ceil(4);
    println!("{inputs} inputs, seeds {FIRST_SEED} to {}", FIRST_SEED + inputs - 1);
    let (mut accepted, mut rejected) = (0, 0);
    for seed in (FIRST_SEED..).take(inputs as usize) {
        let mut random = Random(seed);
        let bytes = if random.below(2) == 0 {
            format!("{header}{}\n{}", odd(&mut random), odd(&mut random)).into_bytes()
        } else {
            damaged(&mut random, records, header)
        };
        let _shown = Shown(seed, &bytes);
        let (more_accepted, more_rejected) = check(&bytes);
        accepted += more_accepted;
        rejected += more_rejected;
    }
    println!("{accepted} records accepted, {rejected} rejected");
    assert!(accepted > inputs / 4 && rejected > inputs / 4, "the inputs are too bad, or too good");
}

#[track_caller]
fn fits(text: &str, characters_max: usize) {
    assert!(!text.trim().is_empty() && !text.contains('\0'), "{text:?}");
    assert!(text.chars().count() <= characters_max, "{} characters: {text:?}", text.chars().count());
}

fn check_event(event: &Event, round: &str) {
    fits(&event.code, 30);
    fits(&event.name, 255);
    fits(&event.level, 30);
    fits(round, 20);
    assert!(TOURS.contains(&event.tour));
    assert!((1800..2200).contains(&event.year));
    assert!(event.start_date.zip(event.end_date).is_none_or(|(start, end)| start <= end));
    for text in event.city.iter().chain(&event.country) {
        fits(text, 100);
    }
    assert!(event.country_ioc.iter().all(|code| code.len() == 3));
}

fn check_player(player: &Entrant) {
    fits(&player.name, 255);
    fits(&player.normalised, 255);
    player.external_id.iter().for_each(|id| fits(id, 20));
    assert!(player.nationality.iter().all(|code| code.len() == 3));
    assert!(player.seed.is_none_or(|seed| seed > 0));
}

fn check_players(players: &[Entrant; 2]) {
    players.iter().for_each(check_player);
    let [a, b] = players;
    assert!(a.external_id.is_none() || a.external_id != b.external_id);
    assert!(a.normalised != b.normalised || (a.external_id.is_some() && b.external_id.is_some()));
}

fn check_decision(decision: &Decision) {
    decision.score_text.iter().for_each(|text| fits(text, 100));
    assert!(["completed", "retired", "walkover", "default"].contains(&decision.status.as_str()));
    assert_eq!(decision.status, decision.score.status);
    if let Some(sets) = &decision.score.sets {
        assert!((1..=6).contains(&sets.len()), "{sets:?}");
    }
}

/// Runs the reader of a kind of document on all inputs.
fn fuzz_documents<T: Record>(check: impl Fn(&T)) {
    let variants = [
        json!({}),
        json!({"source": "itf", "tour": null, "gender": null, "tournament_level": "ITF M25"}),
        json!({"player_a_name": "LINDQVIST, Gérda", "winner_name": null, "status": "cancelled", "retirement_set": null}),
    ];
    let records: Vec<String> = variants.iter().map(|changes| line(T::KIND, changes)).collect();
    let odd = |random: &mut Random| line(T::KIND, &odd_fields(random, T::KIND));
    fuzz(&records, "", odd, |bytes| {
        let source = Ending { bytes, reads_left: 10 + bytes.len() as u32 };
        let (mut accepted, mut rejected, mut last_line) = (0, 0, 0);
        let lines_max = bytes.split(|byte| *byte == b'\n').count() as u64;
        let read = documents::read::<T>(BufReader::with_capacity(64, source), |position, record| {
            assert!(position.line > last_line && position.line <= lines_max, "{position:?}");
            last_line = position.line;
            match record {
                Ok(record) => {
                    accepted += 1;
                    check_event(record.event(), record.round());
                    check(&record);
                }
                Err(problems) => {
                    rejected += 1;
                    let rejects: Vec<_> = problems.into_rejects().collect();
                    assert!(
                        rejects.iter().all(|reject| reject.line == last_line && !reject.expected.is_empty())
                    );
                    assert!(!rejects.is_empty());
                }
            }
        });
        if let Ok(counts) = read {
            assert_eq!((counts.accepted, counts.rejected), (accepted, rejected));
            assert_eq!(counts.records_read, accepted + rejected);
        }
        (accepted, rejected)
    });
}

#[test]
fn draws() {
    fuzz_documents::<DrawRecord>(|record| {
        assert!((1..=256).contains(&record.position));
        match &record.place {
            Place::Pair { players, decision } => {
                check_players(players);
                decision.iter().for_each(check_decision);
            }
            Place::Bye(player) => check_player(player),
            Place::Open { players } => {
                players.iter().flatten().for_each(check_player);
                assert!(players.iter().any(Option::is_none));
            }
        }
    });
}

#[test]
fn schedules() {
    fuzz_documents::<ScheduleRecord>(|record| {
        check_players(&record.players);
        record.court.iter().for_each(|court| fits(court, 100));
        assert!((record.date.year() - record.event.year).abs() <= 1);
    });
}

#[test]
fn results() {
    fuzz_documents::<ResultRecord>(|record| {
        check_players(&record.players);
        record.decision.iter().for_each(check_decision);
        record.external_id.iter().for_each(|id| fits(id, 100));
        assert!(record.retirement_set.is_none_or(|set| (1..=6).contains(&set) && record.decision.is_some()));
        assert!(record.duration_minutes.is_none_or(|minutes| (0..=1000).contains(&minutes)));
        assert!(record.date.is_some() || record.time.is_none());
        if let Some(stats) = &record.stats {
            let text = serde_json::to_string(stats).unwrap();
            assert!(text.len() <= 16 * 1024 && !text.contains("\\u0000"), "{text}");
        }
    });
}

#[test]
fn archives() {
    let records = [
        feed::result(1, 2, "R32", "6-1 6-1"),
        feed::result(3, 4, "RR", "6-2 3-6 7-6(5)"),
        feed::record(&[
            ("winner_name", "\"Ames, Ada\""),
            ("score", "W/O"),
            ("w_ace", "5"),
            ("tourney_level", "G"),
        ]),
    ];
    fuzz(&records, &format!("{}\n", feed::HEADER), odd_row, |bytes| {
        let source = Ending { bytes, reads_left: 10 + bytes.len() as u32 };
        let Ok(archive) = archive::read_from(source, Family::AtpMain, Bounds::default()) else {
            return (0, 0);
        };
        let (accepted, rejected) = (archive.matches.len() as u64, archive.rejects.len() as u64);
        assert_eq!(accepted + rejected + archive.counts.duplicates, archive.counts.rows_read);
        for edition in &archive.editions {
            let edition = serde_json::to_value(edition).unwrap();
            fits(edition["tournament_code"].as_str().unwrap(), 30);
            fits(edition["name"].as_str().unwrap(), 255);
            fits(edition["level"].as_str().unwrap(), 30);
        }
        for player in &archive.players {
            fits(&player.name, 255);
        }
        for alias in &archive.aliases {
            fits(&alias.alias, 255);
        }
        for one in &archive.matches {
            fits(&one.external_id, 100);
            fits(&one.round, 20);
            assert!(one.score_text.chars().count() <= 100 && one.player_a != one.player_b);
            if let Some(statistics) = &one.statistics {
                serde_json::from_str::<Value>(statistics).unwrap();
            }
        }
        (accepted, rejected)
    });
}
