//! `teelo ingest` on feed documents: the guide's examples, every kind of fault between good neighbours, and what only the database
//! shows to be wrong.

#[path = "support/documents.rs"]
mod documents_support;
#[path = "support/faults.rs"]
mod faults;
#[path = "support/feed_stage.rs"]
mod feed_stage;
#[path = "support/guide.rs"]
mod guide;
mod support;

use std::collections::BTreeMap;

use documents_support::{ABSENT, line};
use faults::Fault;
use feed_stage::Stage;
use serde_json::{Value, json};
use teelo::ingest::documents::Kind;

#[test]
fn the_guides_examples_do_what_the_guide_says() {
    let stage = Stage::new("guide");
    let (broken, good): (Vec<_>, Vec<_>) =
        guide::examples().into_iter().partition(|(name, _)| name.starts_with("broken"));
    good.iter().for_each(|(name, content)| stage.write(name, content));
    let (metrics, _) = stage.ingest(&[], 0);
    let count = |name: &str| metrics[name].as_u64().unwrap();
    assert_eq!((count("records_scanned"), count("records_processed"), count("records_failed")), (10, 10, 0));
    let (men, women) = ("match | northport ATP men 2026", "match | w-itf-gbr-2026-001 ITF_WOMEN women 2026");
    assert_eq!(
        stage.content("match"),
        [
            format!(
                "{men} | QF | 1 | completed | Aleks Novak/N001/men (1) | Bruno Costa/C002/men | won Aleks Novak/N001/men | \
                 6-4 7-6(5) | [{{\"a\": 6, \"b\": 4}}, {{\"a\": 7, \"b\": 6, \"tb_a\": 7, \"tb_b\": 5}}] | on 2026-01-09 | 13:35:00 | \
                 due 2026-01-09 | 13:30:00 | Centre Court | order 20260109 50 | number 4 | 101 minutes | \
                 {{\"a\": {{\"aces\": 5, \"double_faults\": 1}}, \"b\": {{\"aces\": 2, \"double_faults\": 4}}}} | atp | \
                 2026_northport_QF_C002_N001"
            ),
            format!(
                "{men} | QF | 4 | retired | Emil Haas/H005/men (2) | Finn Roe/R006/men | won Finn Roe/R006/men | 6-4 2-1 | \
                 [{{\"a\": 4, \"b\": 6}}, {{\"a\": 1, \"b\": 2}}] | set 2 | on 2026-01-09 | order 20260109 50 | atp | \
                 2026_northport_QF_H005_R006"
            ),
            // No day is told: that of a semi-final of this week. The place and the seeds come from the round before.
            format!(
                "{men} | SF | 1 | walkover | Aleks Novak/N001/men (1) | Carl Lind/L003/men (3) | won Carl Lind/L003/men | W/O | \
                 on 2026-01-10 | estimated | order 20260110 60 | atp | 2026_northport_SF_L003_N001"
            ),
            // Neither ids nor dates.
            format!(
                "{women} | R32 | cancelled | Ines Jara/women | Kaia Lund/women | order 99991231 30 | itf"
            ),
            format!(
                "{women} | R32 | completed | Gerda Lindqvist/800100001/women | Hana Ito/800100002/women | \
                 won Gerda Lindqvist/800100001/women | 3-6 6-3 [10-8] | [{{\"a\": 3, \"b\": 6}}, {{\"a\": 6, \"b\": 3}}] | \
                 on 2026-01-06 | order 20260106 30 | itf | 2026_w-itf-gbr-2026-001_R32_800100001_800100002"
            ),
        ]
    );
    assert_eq!(
        stage.content("place"),
        [
            "place | northport ATP men 2026 | QF | 2 | A Carl Lind/L003/men | seed 3 | bye",
            "place | northport ATP men 2026 | QF | 3 | A Dario Fell/F004/men",
        ]
    );
    assert_eq!(
        stage.content("player"),
        [
            "player | Aleks Novak/N001/men | atp N001 | CZE",
            "player | Bruno Costa/C002/men | atp C002 | POR",
            "player | Carl Lind/L003/men | atp L003",
            "player | Dario Fell/F004/men | atp F004",
            "player | Emil Haas/H005/men | atp H005",
            "player | Finn Roe/R006/men | atp R006",
            "player | Gerda Lindqvist/800100001/women | itf 800100001 | SWE",
            "player | Hana Ito/800100002/women | itf 800100002 | JPN",
            "player | Ines Jara/women | ",
            "player | Kaia Lund/women | ",
        ]
    );
    assert_eq!(
        [stage.content("tournament"), stage.content("edition")].concat(),
        [
            "tournament | northport | ATP | men | Northport Open | ATP 250 | Hard | Northport | Great Britain | GBR",
            "tournament | w-itf-gbr-2026-001 | ITF_WOMEN | women | W25 Harbour | ITF W25 | Carpet",
            "edition | northport ATP men 2026 | 2026-01-05 | 2026-01-11 | Hard",
            "edition | w-itf-gbr-2026-001 ITF_WOMEN women 2026 | Carpet",
        ]
    );
    stage.expect_nothing_to_do();

    let before = stage.content("");
    broken.iter().for_each(|(name, content)| stage.write(name, content));
    let (metrics, _) = stage.ingest(&[], 3);
    assert_eq!(metrics["rejected"], json!({"wrong_type": 1, "unknown_winner": 1, "not_json": 1}));
    assert_eq!(stage.content(""), before);
    stage.expect_nothing_to_do();
}

/// A good record of the match `number`: of two players whom no other match has, at a tournament of its own.
fn neighbour(kind: Kind, number: usize) -> String {
    let mut changes = json!({
        "tournament_id": format!("north-{number}"),
        "player_a_name": format!("Ada A{number}"),
        "player_a_external_id": format!("A{number}"),
        "player_b_name": format!("Bo B{number}"),
        "player_b_external_id": format!("B{number}"),
    });
    let own = match kind {
        Kind::Draw => json!({"draw_position": 1 + number % 16, "winner_name": ABSENT, "score_raw": ABSENT}),
        Kind::Schedule => json!({}),
        Kind::Results => {
            json!({"external_id": format!("own-{number}"), "winner_name": format!("Bo B{number}")})
        }
    };
    changes.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    line(kind, &changes)
}

/// What `rejects.jsonl` shows of a bad line.
fn shown(fault: &Fault) -> Value {
    let beginning = || String::from_utf8_lossy(&fault.line).chars().take(1000).collect::<String>().into();
    match fault.reason {
        "line_too_long" => beginning(),
        _ => serde_json::from_slice(&fault.line).unwrap_or_else(|_| beginning()),
    }
}

#[test]
fn every_fault_is_listed_and_its_neighbours_are_stored() {
    let stage = Stage::new("broken");
    let (mut expected, mut reasons) = (Vec::new(), BTreeMap::<_, u64>::new());
    let counts = Kind::ALL.map(|kind| {
        let faults = faults::all(kind);
        let (name, count) = (format!("broken{}", kind.ending()), faults.len());
        let file = stage.path("").canonicalize().unwrap().join(&name);
        let mut text = Vec::new();
        for (number, fault) in faults.into_iter().enumerate() {
            text.extend(neighbour(kind, number).into_bytes());
            text.push(b'\n');
            text.extend(&fault.line);
            text.push(b'\n');
            *reasons.entry(fault.reason).or_default() += 1;
            expected.push((file.clone(), 2 * number + 2, fault.reason, fault.field, shown(&fault)));
        }
        stage.write(&name, text);
        count
    });
    let total: usize = counts.iter().sum();
    assert!(total > 250 && reasons.len() == 12, "{total} faults, {} reasons", reasons.len());

    let (metrics, output) = stage.ingest(&["--workers", "3"], 3);
    assert!(output.stderr.contains("rejected"), "{}", output.stderr);
    let mut rejects = stage.rejects();
    // The files are written by workers at the same time; in each the lines are in order.
    rejects.sort_by_key(|reject| {
        let file = reject["file"].as_str().unwrap();
        Kind::ALL.iter().position(|kind| file.ends_with(kind.ending())).unwrap()
    });
    for (reject, (file, line, reason, field, record)) in rejects.iter().zip(&expected) {
        let found = (&reject["file"], &reject["line"], &reject["reason"], &reject["field"]);
        assert_eq!(found, (&json!(file), &json!(line), &json!(reason), &json!(field)));
        assert_eq!(&reject["record"], record, "{}: {line}", file.display());
        assert!(reject["expected"].as_str().is_some_and(|text| !text.is_empty()), "{reject}");
        assert!(reject["at"].as_str().is_some_and(|text| text.ends_with('Z')), "{reject}");
    }
    assert_eq!(rejects.len(), expected.len());
    let numbers = ["records_scanned", "records_processed", "records_failed", "records_skipped"];
    assert_eq!(numbers.map(|name| metrics[name].as_u64().unwrap() as usize), [2 * total, total, total, 0]);
    assert_eq!(metrics["rejected"], json!(reasons));
    expect_neighbours(&stage, counts);
    stage.expect_nothing_to_do();
}

/// Every good neighbour is stored, with what each document says of it, and nothing else.
#[track_caller]
fn expect_neighbours(stage: &Stage, [draws, schedules, results]: [usize; 3]) {
    let mut expected: Vec<String> = (0..results)
        .map(|number| {
            let (a, b) = (format!("Ada A{number}/A{number}/men"), format!("Bo B{number}/B{number}/men"));
            let place = if number < draws { format!(" | {}", 1 + number % 16) } else { String::new() };
            let due = if number < schedules { " | due 2026-01-06 | 11:30:00 | Centre Court" } else { "" };
            format!(
                "match | north-{number} ATP men 2026 | R32{place} | retired | {a} (1) | {b} | won {b} | 6-4 3-6 2-1 ret. | \
                 [{{\"a\": 4, \"b\": 6}}, {{\"a\": 6, \"b\": 3}}, {{\"a\": 1, \"b\": 2}}] | set 3 | on 2026-01-06 | 12:10:00{due} | \
                 order 20260106 30 | number 12 | 101 minutes | {{\"a\": {{\"aces\": 5}}, \"b\": {{\"aces\": 2}}}} | atp | own-{number}"
            )
        })
        .collect();
    assert!(schedules < results && draws < results, "the results tell of every match");
    expected.sort();
    let mut found = stage.content("match");
    found.sort();
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
    let counts = ["player ", "alias", "tournament", "edition", "place", "waiting", "review"]
        .map(|kind| stage.content(kind).len());
    assert_eq!(counts, [2 * results, 2 * results, results, results, 0, 0, 0]);
}

/// A result of these players, with what else is special about it.
fn result(a: &str, b: &str, special: Value) -> String {
    let mut changes = json!({
        "player_a_name": a, "player_a_external_id": ABSENT, "player_b_name": b, "player_b_external_id": ABSENT, "winner_name": a,
        "external_id": ABSENT, "score_raw": "6-4 6-4", "status": "completed", "retirement_set": ABSENT,
    });
    documents_support::patch(&mut changes, &special);
    line(Kind::Results, &changes) + "\n"
}

/// (line, reason) of each rejected record, and whether the words are in what was expected.
#[track_caller]
fn expect_rejects(stage: &Stage, expected: &[(u64, &str, &str)]) {
    let rejects = stage.rejects();
    for (reject, (line, reason, words)) in rejects.iter().zip(expected) {
        assert_eq!((&reject["line"], &reject["reason"]), (&json!(line), &json!(reason)), "{reject}");
        assert!(reject["expected"].as_str().unwrap().contains(words), "{reject}");
        assert!(reject["record"].is_object(), "{reject}");
    }
    assert_eq!(rejects.len(), expected.len(), "{rejects:#?}");
}

#[test]
fn an_id_of_other_players_match_is_refused() {
    let stage = Stage::new("conflicting");
    let with_id = |a, b, id: &str| result(a, b, json!({"external_id": id}));
    stage.write("one.results.jsonl", with_id("Ada Ames", "Bo Berg", "m1"));
    stage.ingest(&[], 0);
    let text = [
        with_id("Cy Cole", "Di Dorn", "m1"),
        with_id("Bo Berg", "Ada Ames", "m1"),
        with_id("Cy Cole", "Di Dorn", "m2"),
        with_id("Ed Ende", "Fay Fox", "m2"),
        with_id("Ed Ende", "Fay Fox", "m3"),
        // Also of two whose match is there.
        with_id("Ed Ende", "Fay Fox", "m1"),
    ];
    stage.write("two.results.jsonl", text.concat());
    stage.ingest(&[], 3);
    let (stored, earlier) = ("those of match 1", "earlier in this file");
    expect_rejects(
        &stage,
        &[(1, "conflicting_id", stored), (4, "conflicting_id", earlier), (6, "conflicting_id", stored)],
    );
    let matches = stage.content("match");
    let ends = ["Bo Berg/men | 6-4 6-4", "Cy Cole/men | 6-4 6-4", "Ed Ende/men | 6-4 6-4"];
    assert_eq!(matches.len(), ends.len(), "{matches:#?}");
    for (found, end) in matches.iter().zip(ends) {
        assert!(found.contains(&format!("won {end}")), "{found}");
    }
    stage.expect_nothing_to_do();
}

#[test]
fn two_spellings_of_one_player_are_no_match() {
    let stage = Stage::new("same_player");
    // In the first file nobody is known; the spelling of the second line is then known as that of the first one's winner.
    let text = [
        result("A. Ames", "Ada Ames", json!({})),
        result("Ada Ames", "Bo Berg", json!({"player_a_external_id": "AA01"})),
        result("Berg, Bo", "B. Berg", json!({})),
        result("Cy Cole", "Di Dorn", json!({})),
    ];
    stage.write("one.results.jsonl", text.concat());
    stage.ingest(&[], 3);
    expect_rejects(&stage, &[(1, "same_player", "both names are"), (3, "same_player", "both names are")]);
    assert_eq!(stage.content("match").len(), 2);
    let players = ["Ada Ames/AA01/men | atp AA01", "Bo Berg/men", "Cy Cole/men", "Di Dorn/men"];
    for (found, expected) in stage.content("player").iter().zip(players) {
        assert!(found.starts_with(&format!("player | {expected}")), "{found}");
    }
    assert_eq!(stage.content("player").len(), 4);
    stage.expect_nothing_to_do();
}

#[test]
fn a_name_of_two_players_waits_for_a_decision_or_is_nobody() {
    let stage = Stage::new("queued");
    let text = [
        result("John Stone", "Bo Berg", json!({})),
        result("James Stone", "Bo Berg", json!({"round": "R16"})),
        result("J. Stone", "Cy Cole", json!({"round": "QF"})),
        result("Cy Cole", "Bo Berg", json!({"round": "SF"})),
        result("J. Stone", "Bo Berg", json!({"round": "F", "winner_name": "Bo Berg"})),
    ];
    stage.write("one.results.jsonl", text.concat());
    let (metrics, _) = stage.ingest(&[], 3);
    assert_eq!((&metrics["players_queued"], &metrics["matches_inserted"]), (&json!(1), &json!(3)));
    expect_rejects(
        &stage,
        &[
            (3, "player_queued", "\"J. Stone\" waits as entry 1: teelo identities"),
            (5, "player_queued", "waits as entry 1"),
        ],
    );
    let reviews = stage.content("review");
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    assert!(reviews[0].starts_with("review | J. Stone | atp | Northport Open | pending"), "{reviews:?}");
    stage.expect_nothing_to_do();

    // It is nobody: the file is read again, once, and says so.
    stage.database.teelo(&["identities", "resolve", "1", "--ignore"]).expect_code(0);
    let (metrics, _) = stage.ingest(&[], 3);
    assert_eq!((&metrics["tasks_due"], &metrics["matches_unchanged"]), (&json!(1), &json!(3)));
    expect_rejects(
        &stage,
        &[(3, "player_ignored", "is nobody, as decided in entry 1"), (5, "player_ignored", "is nobody")],
    );
    stage.expect_nothing_to_do();
}

#[test]
fn an_event_whose_tour_is_told_otherwise_fails_no_file() {
    let stage = Stage::new("two_tours");
    let ids = json!({"player_a_external_id": "AA01", "player_b_external_id": "BB02"});
    let with = |more: Value| {
        let mut all = ids.clone();
        documents_support::patch(&mut all, &more);
        all
    };
    let challenger = json!({"tournament_level": "Challenger", "tour": "CHALLENGER"});
    stage.write("one.results.jsonl", result("Ada Ames", "Bo Berg", with(challenger)));
    stage.ingest(&[], 0);
    // The result is found by its id; and the final follows from a draw of the other event, with an id of its own or none.
    let place = |position: u64, more: Value| {
        let mut record = with(json!({"draw_position": position, "score_raw": ABSENT, "winner_name": ABSENT}));
        documents_support::patch(&mut record, &more);
        line(Kind::Draw, &record) + "\n"
    };
    stage.write("two.results.jsonl", result("Ada Ames", "Bo Berg", with(json!({"score_raw": "6-0 6-0"}))));
    stage.write("two.draw.jsonl", place(1, json!({})));
    stage.ingest(&[], 0);
    let matches = stage.content("match");
    assert!(matches.iter().any(|line| line.contains("| 6-0 6-0 |")), "{matches:#?}");
    let with_id = matches.iter().filter(|line| line.ends_with("2026_northport_R32_AA01_BB02")).count();
    assert_eq!(with_id, 1, "{matches:#?}");
    stage.expect_nothing_to_do();
}

#[test]
fn the_id_of_a_match_follows_when_those_of_its_players_are_known() {
    let stage = Stage::new("late_ids");
    let place = json!({
        "draw_position": 1, "score_raw": ABSENT, "winner_name": ABSENT, "player_a_external_id": ABSENT,
    });
    stage.write("one.draw.jsonl", line(Kind::Draw, &place));
    stage.ingest(&[], 0);
    assert!(stage.content("match")[0].ends_with("| atp"), "{:?}", stage.content("match"));
    stage.write("one.schedule.jsonl", line(Kind::Schedule, &json!({})));
    stage.ingest(&[], 0);
    assert!(
        stage.content("match")[0].ends_with("| atp | 2026_northport_R32_AA01_BB02"),
        "{:?}",
        stage.content("match")
    );
    stage.expect_nothing_to_do();
}

#[test]
fn a_corrected_round_takes_the_place_of_the_match_that_was_expected() {
    let stage = Stage::new("corrected_round");
    let own = |round: &str| result("Ada Ames", "Bo Berg", json!({"round": round, "external_id": "m1"}));
    stage.write("one.results.jsonl", own("R32"));
    stage.ingest(&[], 0);
    let place = json!({
        "round": "R16", "draw_position": 5, "score_raw": ABSENT, "winner_name": ABSENT, "player_a_external_id": ABSENT,
        "player_b_external_id": ABSENT,
    });
    stage.write("one.draw.jsonl", line(Kind::Draw, &place));
    stage.write("one.results.jsonl", own("R16"));
    stage.ingest(&[], 0);
    let matches = stage.content("match");
    assert!(matches[0].starts_with("match | northport ATP men 2026 | R16 | 5 | cancelled"), "{matches:#?}");
    assert!(matches[1].starts_with("match | northport ATP men 2026 | R16 | 5 | completed"), "{matches:#?}");
    assert_eq!(matches.len(), 2);
    // The next delivery of the draw changes nothing.
    let before = stage.content("");
    stage.write("two.draw.jsonl", line(Kind::Draw, &place));
    stage.ingest(&[], 0);
    assert_eq!(stage.content(""), before);
}

#[test]
fn two_players_who_meet_twice_in_a_round_robin_play_two_matches() {
    let stage = Stage::new("round_robin");
    let meeting = |id: &str, winner: &str, round: &str| {
        result("Ada Ames", "Bo Berg", json!({"round": round, "external_id": id, "winner_name": winner}))
    };
    let lines = [
        meeting("m1", "Ada Ames", "RR"),
        meeting("m2", "Bo Berg", "RR"),
        meeting("m3", "Ada Ames", "SF"),
        meeting("m4", "Bo Berg", "SF"),
    ];
    stage.write("one.results.jsonl", lines.join("\n"));
    stage.ingest(&[], 0);
    let of_round = |round: &str| {
        let matches = stage.content("match");
        matches.into_iter().filter(|one| one.contains(&format!(" | {round} | "))).count()
    };
    assert_eq!((of_round("RR"), of_round("SF")), (2, 1), "{:#?}", stage.content("match"));
    let before = stage.content("");
    stage.write("two.results.jsonl", lines[..2].join("\n"));
    stage.ingest(&[], 0);
    assert_eq!(stage.content(""), before);
}

#[test]
fn who_a_name_is_does_not_depend_on_how_many_runs_bring_it_in() {
    let ids = |a: &str, b: &str| json!({"player_a_external_id": a, "player_b_external_id": b});
    let files = [
        ("1.results.jsonl", result("Ada Ames", "Bo Berg", ids("AA01", "BB02"))),
        ("2.results.jsonl", result("Ada Ames", "Cy Cole", ids("AA77", "CC03"))),
        ("3.results.jsonl", result("Ada Ames", "Di Dorn", json!({"round": "R16"}))),
    ];
    let (together, apart) = (Stage::new("together"), Stage::new("apart"));
    files.iter().for_each(|(name, text)| together.write(name, text));
    together.ingest(&["--workers", "1"], 0);
    for (name, text) in &files {
        apart.write(name, text);
        apart.ingest(&["--workers", "1"], 0);
    }
    assert_eq!(together.content(""), apart.content(""));
    assert_eq!(together.content("player | Ada Ames").len(), 2, "two people of one name");
}
