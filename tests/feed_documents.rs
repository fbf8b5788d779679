//! Reading feed documents: what the fields of good records become, and which files are documents at all.

#[path = "support/documents.rs"]
mod documents_support;
mod support;

use documents_support::{ABSENT, good, line, patch};
use serde_json::{Value, json};
use support::TestFolder;
use teelo::ingest::documents::draw::{DrawRecord, Place};
use teelo::ingest::documents::entrant::{Side, match_external_id};
use teelo::ingest::documents::event::{Gender, Source};
use teelo::ingest::documents::results::ResultRecord;
use teelo::ingest::documents::schedule::ScheduleRecord;
use teelo::ingest::documents::{self, Counts, Document, Kind, Record};
use teelo::ingest::score::Status;
use time::macros::{date, time};

/// Reads one record that must be good.
#[track_caller]
fn read<T: Record>(changes: &Value) -> T {
    let line = line(T::KIND, changes);
    let mut records = Vec::new();
    documents::read::<T>(line.as_bytes(), |_, record| records.push(record)).unwrap();
    match records.pop() {
        Some(Ok(record)) => record,
        other => panic!("{line}\n{:?}", other.map(|record| record.map(|_| ()))),
    }
}

/// The lines of records, the lines of rejects with their reasons, and the counts.
type Lines = (Vec<u64>, Vec<(u64, &'static str)>, Counts);

/// What a file of this content holds.
fn read_bytes(content: &[u8]) -> Result<Lines, String> {
    let (mut records, mut rejects) = (Vec::new(), Vec::new());
    let counts = documents::read::<ScheduleRecord>(content, |position, record| match record {
        Ok(_) => records.push(position.line),
        Err(rejected) => {
            let reject = rejected.into_rejects().next().unwrap();
            assert_eq!(reject.line, position.line);
            rejects.push((reject.line, reject.reason.code()));
        }
    });
    let counts = counts.map_err(|error| error.to_string())?;
    assert_eq!(counts.records_read, counts.accepted + counts.rejected);
    assert_eq!((records.len() as u64, rejects.len() as u64), (counts.accepted, counts.rejected));
    Ok((records, rejects, counts))
}

#[test]
fn a_result() {
    let record: ResultRecord = read(&json!({}));
    let event = &record.event;
    assert_eq!((event.source, event.code.as_str(), event.year), (Source::Atp, "northport", 2026));
    assert_eq!(
        (event.name.as_str(), event.level.as_str(), event.surface),
        ("Northport Open", "ATP 250", "Hard")
    );
    assert_eq!((event.tour, event.gender), ("ATP", Gender::Men));
    assert_eq!((event.city.as_deref(), event.country.as_deref()), (Some("Northport"), Some("Great Britain")));
    assert_eq!(event.country_ioc.as_deref(), Some("GBR"));
    assert_eq!(
        (event.start_date, event.end_date),
        (Some(date!(2026 - 01 - 05)), Some(date!(2026 - 01 - 11)))
    );
    let [a, b] = &record.players;
    assert_eq!((a.name.as_str(), a.normalised.as_str(), a.seed), ("Ada Ames", "ada ames", Some(1)));
    assert_eq!(
        (b.external_id.as_deref(), b.nationality.as_deref(), b.seed),
        (Some("BB02"), Some("SWE"), None)
    );
    assert_eq!((record.round.as_str(), record.match_number), ("R32", Some(12)));
    let ids = [0, 1].map(|side| record.players[side].external_id.as_deref().unwrap());
    let id = match_external_id(event.year, &event.code, &record.round, ids);
    assert_eq!(
        (record.external_id.as_deref(), id.as_str()),
        (Some("2026_northport_R32_AA01_BB02"), "2026_northport_R32_AA01_BB02")
    );
    assert_eq!((record.date, record.time), (Some(date!(2026 - 01 - 06)), Some(time!(12:10))));
    assert_eq!((record.duration_minutes, record.retirement_set), (Some(101), Some(3)));
    assert_eq!(record.stats.unwrap()["b"]["aces"], json!(2));
    let decision = record.decision.unwrap();
    assert_eq!((decision.winner, decision.status), (Side::A, Status::Retired));
    assert_eq!(decision.score_text.as_deref(), Some("6-4 3-6 2-1 ret."));
    assert_eq!(decision.score.sets.unwrap().len(), 3);
}

#[test]
fn what_is_optional_may_be_absent_null_or_empty() {
    let optional = [
        "tournament_location",
        "tournament_country_ioc",
        "tournament_start_date",
        "tournament_end_date",
        "tour",
        "gender",
        "player_a_external_id",
        "player_a_seed",
        "player_a_nationality",
        "player_b_external_id",
        "external_id",
        "match_number",
        "score_raw",
        "match_date",
        "match_time",
        "duration_minutes",
        "status",
        "retirement_set",
        "stats",
    ];
    let all = |value: Value| -> Value {
        optional
            .iter()
            .map(|field| ((*field).to_owned(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let bare: ResultRecord = read(&all(json!(ABSENT)));
    assert_eq!(read::<ResultRecord>(&all(Value::Null)), bare);
    assert_eq!(read::<ResultRecord>(&all(json!(" "))), bare);
    assert_eq!((bare.event.tour, bare.event.gender, bare.date, bare.stats), ("ATP", Gender::Men, None, None));
    let decision = bare.decision.unwrap();
    assert_eq!((decision.status, decision.score.sets, bare.retirement_set), (Status::Completed, None, None));
    assert_eq!(read::<ResultRecord>(&json!({"stats": {}})).stats, None);
}

#[test]
fn texts_are_tidied_and_words_have_any_capitals() {
    let changes = json!({
        "source": "ATP", "tournament_surface": "hard", "tour": "Challenger", "gender": "Men", "status": "Retired",
        "tournament_country_ioc": "gbr", "player_a_name": "  AMES,\u{a0} Ada ", "winner_name": "Ada Âmes Jr.",
        "tournament_location": " Northport ",
    });
    let record: ResultRecord = read(&changes);
    assert_eq!((record.event.tour, record.event.surface), ("CHALLENGER", "Hard"));
    assert_eq!((record.event.city.as_deref(), record.event.country), (Some("Northport"), None));
    assert_eq!(record.event.country_ioc.as_deref(), Some("GBR"));
    assert_eq!(record.players[0].name, "AMES, Ada");
    assert_eq!(record.decision.unwrap().winner, Side::A);
}

/// Source, level, tour and gender as written; tour and gender as understood.
type TourCase =
    (&'static str, &'static str, Option<&'static str>, Option<&'static str>, &'static str, Gender);

#[test]
fn tour_and_gender_follow_from_the_source_and_the_level() {
    use Gender::{Men, Women};
    let cases: [TourCase; 15] = [
        ("atp", "Grand Slam", None, None, "ATP", Men),
        ("atp", "Challenger", None, None, "CHALLENGER", Men),
        ("atp", "ATP Challenger", None, Some("men"), "CHALLENGER", Men),
        ("atp", "Davis Cup", Some("ATP"), None, "ATP", Men),
        ("wta", "Grand Slam", None, None, "WTA", Women),
        ("wta", "WTA 125", None, None, "WTA_125", Women),
        ("wta", "WTA 125", Some("WTA 125"), Some("women"), "WTA_125", Women),
        ("itf", "ITF M25", None, None, "ITF_MEN", Men),
        ("itf", "ITF W15", None, None, "ITF_WOMEN", Women),
        ("itf", "ITF $25K", None, Some("women"), "ITF_WOMEN", Women),
        ("itf", "ITF", Some("ITF_WOMEN"), None, "ITF_WOMEN", Women),
        ("itf", "ITF", Some("ITF"), Some("men"), "ITF_MEN", Men),
        ("itf", "Grand Slam", Some("WTA"), None, "WTA", Women),
        ("itf_men", "ITF $15K", None, None, "ITF_MEN", Men),
        ("itf_women", "ITF", None, None, "ITF_WOMEN", Women),
    ];
    for (source, level, tour, gender, expected_tour, expected_gender) in cases {
        let changes = json!({"source": source, "tournament_level": level, "tour": tour, "gender": gender});
        let event = read::<ScheduleRecord>(&changes).event;
        assert_eq!((event.tour, event.gender), (expected_tour, expected_gender), "{changes}");
        assert_eq!(event.source.as_str(), &source[..3]);
    }
}

/// Games of the winner and the loser, set by set.
fn games(changes: &Value) -> (Side, Status, Vec<(u8, u8)>) {
    let record: ResultRecord = read(changes);
    let decision = record.decision.unwrap();
    let sets = decision.score.sets.unwrap_or_default();
    (decision.winner, decision.status, sets.iter().map(|set| (set.winner, set.loser)).collect())
}

#[test]
fn a_score_is_written_from_the_winners_side_or_from_the_first_players() {
    let score = |winner: &str, score: &str, status: Option<&str>| {
        games(&json!({"winner_name": winner, "score_raw": score, "status": status, "retirement_set": null}))
    };
    let (a, b) = ("Ada Ames", "Bo Berg");
    assert_eq!(score(a, "6-4 3-6 7-6(5)", None), (Side::A, Status::Completed, vec![(6, 4), (3, 6), (7, 6)]));
    assert_eq!(score(b, "6-4 3-6 7-6(5)", None), (Side::B, Status::Completed, vec![(6, 4), (3, 6), (7, 6)]));
    // From A's side, which only a loser's score can show.
    assert_eq!(score(b, "4-6 6-3 6-7(5)", None), (Side::B, Status::Completed, vec![(6, 4), (3, 6), (7, 6)]));
    assert_eq!(score(b, "4-6 6-3 [8-10]", None), (Side::B, Status::Completed, vec![(6, 4), (3, 6)]));
    assert_eq!(score(b, "6-4 3-6 [10-8]", None), (Side::B, Status::Completed, vec![(6, 4), (3, 6)]));
    // A's side is the winner's, and the score says otherwise: it is not understood, and the result counts.
    assert_eq!(score(a, "4-6 4-6", None), (Side::A, Status::Completed, vec![]));
    // The loser may have been ahead when he stopped.
    assert_eq!(score(b, "4-6 1-2 ret.", None), (Side::B, Status::Retired, vec![(4, 6), (1, 2)]));
    assert_eq!(score(a, "4-6", Some("retired")), (Side::A, Status::Retired, vec![(4, 6)]));
    // The status, and the mark in the score, which knows better than `completed`.
    assert_eq!(score(a, "6-4 2-1", Some("retired")), (Side::A, Status::Retired, vec![(6, 4), (2, 1)]));
    assert_eq!(score(a, "6-4 2-1 RET", Some("completed")), (Side::A, Status::Retired, vec![(6, 4), (2, 1)]));
    assert_eq!(score(a, "W/O", Some("completed")), (Side::A, Status::Walkover, vec![]));
    assert_eq!(score(a, "", Some("walkover")), (Side::A, Status::Walkover, vec![]));
    assert_eq!(score(a, "6-4 0-1 DEF", None), (Side::A, Status::Default, vec![(6, 4), (0, 1)]));
    assert_eq!(score(a, "something", Some("default")), (Side::A, Status::Default, vec![]));
}

#[test]
fn the_set_of_a_retirement_follows_from_the_score() {
    let set = |written: Option<i32>, score: &str| {
        read::<ResultRecord>(&json!({"retirement_set": written, "score_raw": score})).retirement_set
    };
    assert_eq!(set(None, "6-4 2-1 ret."), Some(2));
    assert_eq!(set(Some(2), "6-4"), Some(2), "between two sets");
    assert_eq!(set(None, "6-4"), Some(1));
    assert_eq!(set(None, ""), None);
    assert_eq!(set(Some(4), ""), Some(4));
}

#[test]
fn a_cancelled_match_has_no_winner() {
    let record: ResultRecord = read(
        &json!({"status": "cancelled", "winner_name": "", "score_raw": "6-4 1-1", "retirement_set": null}),
    );
    assert_eq!((record.decision, record.retirement_set), (None, None));
}

#[test]
fn two_people_of_one_name_are_told_apart_by_their_ids() {
    let changes = json!({"player_a_name": "Bo Berg Sr", "winner_name": "Bo Berg"});
    assert_eq!(read::<ResultRecord>(&changes).decision.unwrap().winner, Side::B);
}

#[test]
fn places_of_a_draw() {
    let place = |changes: &Value| read::<DrawRecord>(changes).place;
    let Place::Pair { decision: Some(decision), .. } = place(&json!({})) else { panic!() };
    assert_eq!((decision.winner, decision.status), (Side::A, Status::Completed));
    // A score while the match goes on decides nothing.
    let pair = place(&json!({"winner_name": null, "score_raw": "6-4 1-0"}));
    assert!(matches!(pair, Place::Pair { decision: None, .. }), "{pair:?}");
    let nobody =
        json!({"player_b_name": null, "player_b_external_id": null, "winner_name": "", "score_raw": null});
    let Place::Open { players: [Some(known), None] } = place(&nobody) else { panic!() };
    assert_eq!(known.name, "Ada Ames");
    for name in ["TBD", "Qualifier", "Qualifier / Lucky Loser", "unknown"] {
        let mut changes = nobody.clone();
        patch(&mut changes, &json!({"player_b_name": name, "player_a_name": "TBA"}));
        assert_eq!(place(&changes), Place::Open { players: [None, None] }, "{name}");
    }
    let mut bye = nobody;
    patch(&mut bye, &json!({"is_bye": true}));
    for changes in [json!({}), json!({"player_b_name": "Bye"}), json!({"winner_name": "Ada AMES"})] {
        patch(&mut bye, &changes);
        let Place::Bye(player) = place(&bye) else { panic!() };
        assert_eq!((player.name.as_str(), player.seed), ("Ada Ames", Some(1)));
    }
    let swapped = json!({
        "is_bye": true, "player_a_name": "Bye", "player_a_external_id": null, "player_a_seed": null,
        "score_raw": null, "winner_name": "Bo Berg",
    });
    let Place::Bye(player) = place(&swapped) else { panic!() };
    assert_eq!(player.name, "Bo Berg");
}

#[test]
fn unusual_but_good_files() {
    let record = line(Kind::Schedule, &json!({}));
    let plain = format!("{record}\n{record}\n");
    for (what, content) in [
        ("plain", plain.clone()),
        ("a byte order mark", format!("\u{feff}{plain}")),
        ("Windows line ends", plain.replace('\n', "\r\n")),
        ("no line end at the end", plain.trim_end().to_owned()),
        ("spaces around", plain.replace('\n', " \t\n  ")),
    ] {
        let (records, rejects, _) = read_bytes(content.as_bytes()).unwrap();
        assert_eq!((records.as_slice(), rejects.len()), (&[1, 2][..], 0), "{what}");
    }
    let (records, ..) = read_bytes(format!("\n\n{record}\n \n\r\n{record}").as_bytes()).unwrap();
    assert_eq!(records, [3, 6], "blank lines");
    for empty in ["", "\n", "\u{feff}", "\r\n \n"] {
        let (records, rejects, counts) = read_bytes(empty.as_bytes()).unwrap();
        assert_eq!((records.len(), rejects.len(), counts.records_read), (0, 0, 0), "{empty:?}");
    }
}

#[test]
fn a_file_without_any_json_is_no_document() {
    let pretty = serde_json::to_string_pretty(&good(Kind::Schedule)).unwrap();
    let utf_16: Vec<u8> = pretty.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let csv = "a,b\n".repeat(5000);
    for content in
        [pretty.as_bytes(), &utf_16, csv.as_bytes(), b"\0", b"{", &[b'{'; 1_000_000], &[0xff; 50_000]]
    {
        let error = read_bytes(content).unwrap_err();
        assert!(error.contains("holds no JSON at all"), "{error}");
    }
    // One good line makes it a document, however many others there are before it.
    let record = line(Kind::Schedule, &json!({}));
    for bad in [3, 1000, 1001, 2500] {
        let (records, rejects, _) =
            read_bytes(format!("{}{record}", "nonsense\n".repeat(bad)).as_bytes()).unwrap();
        assert_eq!(records, [bad as u64 + 1]);
        assert_eq!(rejects, (1..=bad as u64).map(|line| (line, "not_json")).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_not_known_is_counted_and_accepted() {
    let changes = [
        json!({"round": "R256", "colour": "green"}),
        json!({"tournament_level": "ITF $25K", "source": "itf", "tour": null, "colour": null}),
        json!({"score_raw": "6-36-3", "retirement_set": null}),
        json!({}),
    ];
    let text: Vec<String> = changes.iter().map(|changes| line(Kind::Results, changes)).collect();
    let mut accepted = 0;
    let counts = documents::read::<ResultRecord>(text.join("\n").as_bytes(), |_, record| {
        accepted += u64::from(record.is_ok());
    })
    .unwrap();
    assert_eq!((accepted, counts.accepted, counts.rejected), (4, 4, 0));
    let one = |name: &str, number| [(name.to_owned(), number)].into();
    assert_eq!(counts.not_understood.rounds, one("R256", 1));
    assert_eq!(counts.not_understood.levels, one("ITF $25K", 1));
    assert_eq!(counts.not_understood.scores, one("unreadable", 1));
    assert_eq!(counts.unknown_fields, one("colour", 2));
}

#[test]
fn a_record_is_shown_as_it_was_read() {
    let folder = TestFolder::new("documents");
    let path = folder.path().join("northport.schedule.jsonl");
    let second = line(Kind::Schedule, &json!({"court": "Court 2", "note": "two"}));
    std::fs::write(&path, format!("\u{feff}{}\r\n\n{second}\nbad", line(Kind::Schedule, &json!({}))))
        .unwrap();
    let mut document: Document<ScheduleRecord> = documents::read_file(&path).unwrap();
    assert_eq!(document.size_bytes, std::fs::metadata(&path).unwrap().len());
    assert_eq!((document.records.len(), document.rejects.len(), document.counts.records_read), (2, 1, 3));
    assert_eq!((document.rejects[0].line, &document.rejects[0].record), (4, &json!("bad")));
    // Another file takes its place, as when a scraper delivers anew.
    std::fs::write(folder.path().join("new"), "{}\n").unwrap();
    std::fs::rename(folder.path().join("new"), &path).unwrap();
    let (first, other) = (document.records[0].0, document.records[1].0);
    assert_eq!(document.record_json(other).unwrap(), serde_json::from_str::<Value>(&second).unwrap());
    assert_eq!(document.record_json(first).unwrap(), good(Kind::Schedule));
    assert_eq!(document.sha256.len(), 64);
}

#[test]
fn kinds_by_file_name() {
    for (name, kind) in [
        ("northport.draw.jsonl", Some(Kind::Draw)),
        ("atp-2026-01-06T10.schedule.jsonl", Some(Kind::Schedule)),
        ("a.b.results.jsonl", Some(Kind::Results)),
        (".northport.draw.jsonl", None),
        ("northport.draw.jsonl.tmp", None),
        (".draw.jsonl", None),
        ("draw.jsonl", None),
        ("northport.Draw.jsonl", None),
        ("northport.jsonl", None),
        ("", None),
    ] {
        assert_eq!(Kind::of_file(name), kind, "{name}");
    }
    assert!(Kind::Draw < Kind::Schedule && Kind::Schedule < Kind::Results, "the order of ingesting");
}
