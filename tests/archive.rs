//! Reading match archives: what is taken, what is rejected with which reason, and what is no archive at all.

#[path = "support/feed.rs"]
mod feed;
mod support;

use std::path::PathBuf;

use feed::{HEADER, file, record, result};
use support::TestFolder;
use teelo::ingest::archive::{self, Archive, Bounds};
use teelo::ingest::levels::Family;
use time::macros::date;

/// Reads `bytes` as a file of `family`.
fn read_family(bytes: &[u8], family: Family, bounds: Bounds) -> Result<Archive, String> {
    let folder = TestFolder::new("archive");
    let path: PathBuf = folder.path().join("atp_matches_2024.csv");
    std::fs::write(&path, bytes).unwrap();
    let archive = archive::read(&path, family, bounds).map_err(|error| error.to_string());
    if let Ok(archive) = &archive {
        let counts = &archive.counts;
        let accounted = archive.matches.len() as u64
            + archive.rejects.len() as u64
            + counts.duplicates
            + counts.out_of_range;
        assert_eq!(accounted, counts.rows_read, "a record is not accounted for");
        assert_eq!(archive.size_bytes, bytes.len() as u64);
    }
    archive
}

fn read(bytes: impl AsRef<[u8]>) -> Archive {
    read_family(bytes.as_ref(), Family::AtpMain, Bounds::default()).unwrap()
}

/// Lines and reasons of the rejects.
fn rejects(archive: &Archive) -> Vec<(u64, &'static str, Option<&'static str>)> {
    archive.rejects.iter().map(|reject| (reject.line, reject.reason.code(), reject.field)).collect()
}

fn external_ids(archive: &Archive) -> Vec<&str> {
    archive.matches.iter().map(|one| one.external_id.as_str()).collect()
}

#[test]
fn one_record() {
    let archive = read(file(&[record(&[
        ("winner_id", "0200"),
        ("loser_id", "1000"),
        ("winner_seed", "3"),
        ("loser_seed", "Q"),
        ("match_num", "270"),
        ("minutes", "95"),
        ("score", "6-3 3-2 RET"),
        ("w_ace", "5"),
        ("l_df", "2.0"),
        ("l_ace", "x"),
    ])]));
    let [one] = archive.matches.as_slice() else { panic!("{archive:?}") };
    // Ids are sorted as text in the external id, as numbers for the sides.
    assert_eq!(one.external_id, "2024_sackmann:0301:A_R32_1000_200");
    assert_eq!((one.line, one.a_won, one.seeds), (2, true, (Some(3), None)));
    assert_eq!((one.match_number, one.minutes), (Some(270), Some(95)));
    assert_eq!(one.date, date!(2024 - 01 - 10), "start + floor(6 days * 0.40)");
    assert_eq!(one.score_text, "6-3 3-2 RET");
    assert_eq!(one.statistics.as_deref(), Some("{\"a\":{\"ace\":5},\"b\":{\"df\":2}}"));
    assert_eq!(
        archive.players.iter().map(|player| player.external_id.as_str()).collect::<Vec<_>>(),
        ["200", "1000"]
    );
}

#[test]
fn unusual_but_good_files() {
    let records = [result(1, 2, "R32", "6-1 6-1"), result(3, 4, "R32", "6-2 6-2")];
    let plain = file(&records);
    let variants = [
        ("a byte order mark", format!("\u{feff}{plain}")),
        ("Windows line ends", plain.replace('\n', "\r\n")),
        ("no newline at the end", plain.trim_end().to_owned()),
        ("blank lines", plain.replace('\n', "\n\n")),
        ("an unknown column", format!("{HEADER},extra\n{},1\n{},2\n", records[0], records[1])),
        ("quoted fields", plain.replace("Northport", "\"Northport\"")),
    ];
    for (what, text) in variants {
        let archive = read(text);
        assert_eq!((archive.matches.len(), archive.rejects.len()), (2, 0), "{what}");
        assert_eq!(external_ids(&archive)[1], "2024_sackmann:0301:A_R32_3_4", "{what}");
    }
    assert_eq!(read(HEADER).counts.rows_read, 0, "a header alone");

    let required = "round,score,loser_name,loser_id,winner_name,winner_id,tourney_date,tourney_level,tourney_name,tourney_id";
    let archive = read(format!("{required}\nF,6-0 6-0,B,2,A,1,20240108,G,Open,2024-500\n"));
    assert_eq!(
        external_ids(&archive),
        ["2024_sackmann:500:G_F_1_2"],
        "only the required columns, in another order"
    );
    assert_eq!(archive.matches[0].date, date!(2024 - 01 - 21), "a Grand Slam ends on its fourteenth day");

    let archive =
        read(file(&[record(&[("tourney_name", "\"North\nport, Inc\"")]), result(1, 2, "F", "6-0 6-x")]));
    assert_eq!(archive.matches.iter().map(|one| one.line).collect::<Vec<_>>(), [2, 4], "a name of two lines");
}

#[test]
fn a_bad_record_is_rejected_and_the_rest_is_taken() {
    let good = result(1, 2, "R32", "6-1 6-1");
    let last = result(3, 4, "R32", "6-1 6-1");
    let mut bytes = file(std::slice::from_ref(&good)).into_bytes();
    bytes.extend_from_slice(record(&[]).replace("Ada Ames", "Ad\u{0}").as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(
        &record(&[]).into_bytes().iter().map(|b| if *b == b'B' { 0xff } else { *b }).collect::<Vec<_>>(),
    );
    bytes.push(b'\n');
    let cases = [
        record(&[("tourney_date", "20240230")]),
        record(&[("tourney_date", "")]),
        record(&[("winner_id", "x12")]),
        record(&[("loser_id", "")]),
        record(&[("loser_id", "-3")]),
        record(&[("winner_name", " ")]),
        record(&[("round", "")]),
        record(&[("tourney_id", "")]),
        record(&[("loser_id", "100")]),
        record(&[("winner_id", "199999"), ("winner_name", "U Unknown")]),
        format!("{},one,more", record(&[])),
        last.clone(),
    ];
    for case in &cases {
        bytes.extend_from_slice(case.as_bytes());
        bytes.push(b'\n');
    }
    let cut = result(5, 6, "R32", "6-1 6-1");
    bytes.extend_from_slice(&cut.as_bytes()[..cut.len() / 2]);
    let archive = read(&bytes);
    assert_eq!(
        rejects(&archive),
        [
            (3, "invalid_text", None),
            (4, "invalid_text", None),
            (5, "bad_field", Some("tourney_date")),
            (6, "missing_field", Some("tourney_date")),
            (7, "bad_field", Some("winner_id")),
            (8, "missing_field", Some("loser_id")),
            (9, "bad_field", Some("loser_id")),
            (10, "missing_field", Some("winner_name")),
            (11, "missing_field", Some("round")),
            (12, "missing_field", Some("tourney_id")),
            (13, "same_player", Some("loser_id")),
            (14, "unknown_player", None),
            (15, "field_count", None),
            (17, "field_count", None),
        ]
    );
    assert_eq!(archive.matches.iter().map(|one| one.line).collect::<Vec<_>>(), [2, 16]);
    let shown = &archive.rejects[2];
    assert_eq!(shown.record["tourney_date"], "20240230");
    assert!(shown.expected.contains("YYYYMMDD"), "{}", shown.expected);
    assert!(archive.rejects[13].record.is_array());
}

#[test]
fn what_is_no_archive_fails_as_a_whole() {
    let fails = |bytes: &[u8]| read_family(bytes, Family::AtpMain, Bounds::default()).unwrap_err();
    assert!(fails(b"").contains("it is empty"), "{}", fails(b""));
    assert!(fails(b"\n\n").contains("it is empty"));
    assert!(fails(b"\x7fELF\x02\x01\x01\0\0\0\n\xff\xfe").contains("not the header of a match archive"));
    assert!(fails(b"{\"round\": 1}\n").contains("not the header of a match archive"));
    let error = fails(HEADER.replace("round", "rounds").as_bytes());
    assert!(error.contains("lacks the required column round,"), "{error}");
    let error = fails(HEADER.replace("winner_id", "a").replace("score", "b").as_bytes());
    assert!(error.contains("lacks the required columns winner_id, score,"), "{error}");
    let missing = archive::read(&PathBuf::from("no/such/file.csv"), Family::AtpMain, Bounds::default());
    assert!(missing.unwrap_err().to_string().contains("No such file"));
}

#[test]
fn the_same_two_in_a_knock_out_round() {
    let archive = read(file(&[
        result(1, 2, "R32", ""),
        result(1, 2, "R32", "6-1 7-6"),
        result(1, 2, "R32", "6-1 7-6(4)"),
        result(1, 2, "R32", "6-1 7-6(4)"),
        result(2, 1, "R32", "6-1 7-6(4)"),
        result(1, 2, "R32", "7-6(4) 6-1"),
        result(2, 1, "R16", "6-0 6-0"),
    ]));
    assert_eq!(external_ids(&archive), ["2024_sackmann:0301:A_R32_1_2", "2024_sackmann:0301:A_R16_1_2"]);
    assert_eq!(archive.matches[0].score_text, "6-1 7-6(4)", "the fuller score of the same games is kept");
    assert_eq!(archive.counts.duplicates, 3);
    assert_eq!(rejects(&archive), [(6, "conflicting_repeat", None), (7, "conflicting_repeat", None)]);
    assert!(archive.rejects[0].expected.contains("line 2"), "{}", archive.rejects[0].expected);
}

#[test]
fn the_same_two_in_a_round_robin() {
    let archive = read(file(&[
        result(1, 2, "RR", "6-1 6-1"),
        result(1, 2, "RR", "6-2 6-2"),
        result(2, 1, "RR", "6-1 6-1"),
        result(1, 2, "RR", "6-2 6-2"),
        result(1, 2, "Z9", "6-2 6-2"),
        result(2, 1, "Z9", "6-2 6-2"),
    ]));
    let base = "2024_sackmann:0301:A";
    let expected =
        ["RR_1_2", "RR_1_2_2", "RR_1_2_3", "Z9_1_2", "Z9_1_2_2"].map(|end| format!("{base}_{end}"));
    assert_eq!(external_ids(&archive), expected);
    assert_eq!(archive.counts.duplicates, 1);
    assert_eq!(archive.counts.not_understood.rounds, [("Z9".to_owned(), 2)].into());
}

#[test]
fn unknown_codes_and_scores_are_counted() {
    let special = |level: &str, number: u32| {
        record(&[("tourney_level", level), ("loser_id", &number.to_string()), ("score", "6-36-3")])
    };
    let archive =
        read(file(&[special("Z", 7), special("Z", 8), special("A", 9), result(1, 2, "F", "6-3 2-0")]));
    assert_eq!(archive.counts.not_understood.levels, [("Z".to_owned(), 2)].into());
    assert_eq!(archive.counts.not_understood.scores, [("unreadable".to_owned(), 3)].into());
    assert_eq!(archive.counts.scores_unfinished, 1);
    assert_eq!(archive.editions.len(), 2, "one edition a level");
}

#[test]
fn bounds_are_on_the_start_of_the_event() {
    let dated = |text: &str, id: &str| record(&[("tourney_date", text), ("tourney_id", id)]);
    let text = file(&[
        dated("20231231", "2024-1"),
        dated("20240101", "2024-2"),
        dated("20240107", "2024-3"),
        dated("bad", "2024-4"),
    ]);
    let bounds = |from, until| Bounds { from, until };
    let taken = |bounds| {
        let archive = read_family(text.as_bytes(), Family::AtpMain, bounds).unwrap();
        (archive.matches.len(), archive.counts.out_of_range, archive.rejects.len())
    };
    assert_eq!(taken(bounds(None, None)), (3, 0, 1));
    assert_eq!(taken(bounds(Some(date!(2024 - 01 - 01)), None)), (2, 1, 1));
    assert_eq!(taken(bounds(None, Some(date!(2024 - 01 - 01)))), (2, 1, 1));
    assert_eq!(taken(bounds(Some(date!(2024 - 01 - 07)), Some(date!(2024 - 01 - 07)))), (1, 2, 1));
}

#[test]
fn the_year_is_that_of_the_tournament_id() {
    let archive = read(file(&[
        record(&[("tourney_id", "2025-0301"), ("tourney_date", "20241230")]),
        record(&[("tourney_id", "cup"), ("tourney_date", "20241230")]),
    ]));
    assert_eq!(
        external_ids(&archive),
        ["2025_sackmann:0301:A_R32_100_200", "2024_sackmann:cup:A_R32_100_200"]
    );
}

#[test]
fn men_and_women_are_told_apart() {
    let women = read_family(file(&[record(&[])]).as_bytes(), Family::WtaMain, Bounds::default()).unwrap();
    assert_eq!(external_ids(&women), ["2024_sackmann:0301:WA_R32_100_200"]);
    assert!(women.players.iter().all(|player| player.gender == "women"));
}

#[test]
fn no_damage_to_a_file_makes_it_panic_or_lose_count() {
    let records: Vec<String> = (1..60)
        .map(|number| result(number, number % 7 + 100, ["R32", "RR", "F"][number as usize % 3], "6-4 7-6(3)"))
        .collect();
    let whole = file(&records).into_bytes();
    let mut state = 9_u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % bound
    };
    for _ in 0..1500 {
        let mut bytes = whole.clone();
        for _ in 0..=below(20) {
            let place = HEADER.len() + 1 + below(bytes.len() - HEADER.len() - 1);
            match below(4) {
                0 => bytes[place] = below(256) as u8,
                1 => bytes[place] = b"\",\n\r-(["[below(7)],
                2 => bytes.truncate(place.max(HEADER.len() + 200)),
                _ => _ = bytes.remove(place),
            }
        }
        read(&bytes);
    }
}
