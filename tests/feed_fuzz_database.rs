//! Damaged documents and archives come into a real database: whatever the damage, no stored match breaks a rule of the database
//! contract, the ratings hold, and the same files again write nothing. TEELO_FUZZ_RECORDS sets how many
//! records a file has, TEELO_FUZZ_SEED the first file's seed.

#[path = "support/damage.rs"]
mod damage;
#[path = "support/documents.rs"]
mod documents_support;
#[path = "support/feed.rs"]
mod feed;
#[path = "support/feed_stage.rs"]
mod feed_stage;
mod support;

use std::collections::BTreeSet;
use std::fmt::Write;

use damage::{Random, damage, odd_fields, odd_row};
use documents_support::{ABSENT, good, patch};
use feed_stage::Stage;
use serde_json::{Value, json};
use teelo::ingest::documents::Kind;

/// Records of one file.
const RECORDS: u64 = 300;
/// The feed changes so often.
const HOURS: u64 = 4;
/// The first file's seed; the others follow.
const FIRST_SEED: u64 = 20_260_105;

/// Tournaments whose matches the records tell, and damage.
const EVENTS: [fn() -> Value; 4] = [
    || json!({}),
    || json!({"tournament_id": "slam", "tournament_level": "Grand Slam", "tournament_start_date": ABSENT}),
    || {
        json!({"source": "wta", "tournament_id": "rose", "tournament_level": "WTA 500", "tour": "WTA", "gender": "women",
               "tournament_end_date": ABSENT})
    },
    || {
        json!({"source": "itf", "tournament_id": "m15", "tournament_level": "ITF M15", "tour": ABSENT, "gender": ABSENT,
               "tournament_start_date": ABSENT, "tournament_end_date": ABSENT})
    },
];

/// Rounds, and how many places each has.
const ROUNDS: [(&str, usize); 8] =
    [("R32", 16), ("R16", 8), ("QF", 4), ("SF", 2), ("F", 1), ("Q1", 64), ("RR", 9), ("R256", 3)];

/// Sets one side of a record to one of twenty players of the event, in one of several spellings; returns the name.
fn set_player(random: &mut Random, record: &mut Value, side: &str, number: usize) -> String {
    const FIRST: [&str; 5] = ["Ana", "Bruno", "Chris", "Dana", "Émil"];
    const LAST: [&str; 4] = ["Novák", "Costa", "Lind-Berg", "O'Fell"];
    let (first, last) = (FIRST[number % 5], LAST[number / 5]);
    let name = match random.below(8) {
        0 => format!("{}, {first}", last.to_uppercase()),
        1 => format!("{}. {last}", first.chars().next().unwrap()),
        2 => format!("{first}  {last} Jr."),
        _ => format!("{first} {last}"),
    };
    record[format!("player_{side}_name")] = json!(name);
    let id = (random.below(3) > 0).then(|| format!("P{number}"));
    record[format!("player_{side}_external_id")] = json!(id);
    name
}

/// A record that tells of a match, as a scraper may write it: two players who may well be in other records too.
fn plausible(random: &mut Random, kind: Kind) -> Value {
    let mut record = good(kind);
    patch(&mut record, &EVENTS[random.below(EVENTS.len())]());
    let (round, places) = ROUNDS[random.below(ROUNDS.len())];
    record["round"] = json!(round);
    let a = random.below(20);
    let b = (a + 1 + random.below(19)) % 20;
    let names = [set_player(random, &mut record, "a", a), set_player(random, &mut record, "b", b)];
    record["player_a_seed"] = json!((random.below(4) == 0).then_some(a + 1));
    let scores =
        ["6-4 6-4", "4-6 6-7(5)", "6-3 3-6 [10-8]", "7-5 2-1 RET", "W/O", "", "6-4 6-", "6-0 1-0 DEF"];
    let day = format!("2026-01-{:02}", 4 + random.below(9));
    match kind {
        Kind::Draw => {
            record["draw_position"] = json!(1 + random.below(places));
            let is_over = random.below(4) == 0;
            record["winner_name"] = json!(is_over.then(|| random.pick(&[&names[0], &names[1]]).to_owned()));
            record["score_raw"] = json!(is_over.then(|| random.pick(&scores).to_owned()));
            match random.below(6) {
                0 => patch(
                    &mut record,
                    &json!({"player_b_name": null, "player_b_external_id": null, "is_bye": true,
                            "winner_name": null, "score_raw": null}),
                ),
                1 => patch(
                    &mut record,
                    &json!({"player_a_name": "Qualifier", "player_a_external_id": null, "winner_name": null,
                            "score_raw": null}),
                ),
                _ => {}
            }
        }
        Kind::Schedule => record["scheduled_date"] = json!(day),
        Kind::Results => {
            let own = [
                None,
                None,
                None,
                Some(format!("own-{}", a * 20 + b)),
                Some(format!("own-{}", random.below(40))),
            ];
            record["external_id"] = json!(own[random.below(own.len())]);
            record["winner_name"] = json!(names[random.below(2)]);
            record["score_raw"] = json!(random.pick(&scores));
            patch(&mut record, &json!({"status": ABSENT, "retirement_set": ABSENT, "match_time": ABSENT}));
            record["match_date"] = json!((random.below(2) == 0).then_some(day));
            if random.below(12) == 0 {
                patch(&mut record, &json!({"status": "cancelled", "winner_name": null, "score_raw": null}));
            }
        }
    }
    record
}

/// A document of plausible records; one in three is damaged. Notes the matches' ids that it gives.
fn document(seed: u64, kind: Kind, records: u64, ids: &mut BTreeSet<String>) -> Vec<u8> {
    let mut random = Random(seed);
    let mut text = Vec::new();
    for _ in 0..records {
        let mut record = plausible(&mut random, kind);
        if random.below(4) == 0 {
            let odd = odd_fields(&mut random, kind);
            patch(&mut record, &odd);
        }
        ids.extend(
            record["external_id"].as_str().map(|id| id.split_whitespace().collect::<Vec<_>>().join(" ")),
        );
        let mut line = record.to_string().into_bytes();
        if random.below(12) == 0 {
            damage(&mut random, &mut line);
            let id = serde_json::from_slice::<Value>(&line)
                .ok()
                .and_then(|record| record["external_id"].as_str().map(str::to_owned));
            ids.extend(id);
        }
        text.extend(line);
        text.push(b'\n');
    }
    text
}

/// An archive of matches of few players; one in three is damaged.
fn archive(seed: u64, records: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let mut text = format!("{}\n", feed::HEADER).into_bytes();
    for _ in 0..records {
        let mut line = match random.below(3) {
            0 => odd_row(&mut random),
            _ => {
                let (winner, loser) = (1 + random.below(30) as u32, 31 + random.below(30) as u32);
                let (round, _) = ROUNDS[random.below(ROUNDS.len())];
                feed::result(
                    winner,
                    loser,
                    round,
                    random.pick(&["6-4 6-4", "7-6(5) 3-6 6-1", "W/O", "6-4 1-0 RET", ""]),
                )
            }
        }
        .into_bytes();
        if random.below(12) == 0 {
            damage(&mut random, &mut line);
        }
        text.extend(line);
        text.push(b'\n');
    }
    text
}

#[test]
fn whatever_comes_no_stored_match_breaks_a_rule() {
    let setting = |name: &str, default: u64| {
        std::env::var(name)
            .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}: a number")))
    };
    let records = setting("TEELO_FUZZ_RECORDS", RECORDS);
    let stage = Stage::new("fuzz");
    let mut ids = BTreeSet::new();
    let mut seed = setting("TEELO_FUZZ_SEED", FIRST_SEED);
    let mut summary = String::new();
    for hour in 0..HOURS {
        for kind in Kind::ALL {
            for name in ["one", "two"] {
                stage.write(&format!("{name}{}", kind.ending()), document(seed, kind, records, &mut ids));
                seed += 1;
            }
        }
        for name in ["atp_matches_2026.csv", "wta_matches_qual_itf_2026.csv"] {
            stage.write(name, archive(seed, records));
            seed += 1;
        }
        println!("hour {hour}: {records} records a file, seeds up to {}", seed - 1);
        let (metrics, output) = stage.ingest(&["--workers", "3"], 3);
        assert_eq!(metrics["tasks_failed"], json!(0), "{}", output.stderr);
        let number = |name: &str| metrics[name].as_u64().unwrap();
        assert_eq!(
            number("records_scanned"),
            number("records_processed") + number("records_skipped") + number("records_failed")
        );
        assert!(number("records_failed") > records && number("records_processed") > records, "{metrics:#}");
        writeln!(
            summary,
            "{} new, {} changed, {}",
            number("matches_inserted"),
            number("matches_updated"),
            metrics["rejected"]
        )
        .unwrap();
        expect_rules(&stage, &ids, &summary);
        stage.expect_nothing_to_do();
    }
    println!("{summary}");
    stage.database.teelo(&["elo"]).expect_code(0);
    stage.database.teelo(&["verify"]).expect_code(0);
}

#[track_caller]
fn expect_rules(stage: &Stage, ids: &BTreeSet<String>, summary: &str) {
    let ids: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !id.contains('\0')).collect();
    let mut client = stage.database.client();
    let broken = client.query(include_str!("sql/stored_rules.sql"), &[&ids]).unwrap();
    let shown: Vec<String> = broken.iter().take(5).map(|row| row.get(0)).collect();
    assert!(shown.is_empty(), "{summary}{} broken rules, the first:\n{}", broken.len(), shown.join("\n"));
}
