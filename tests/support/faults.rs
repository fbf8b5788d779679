//! Every kind of fault that a line of a feed document can have.

#![allow(dead_code)]

use serde_json::{Value, json};
use teelo::ingest::documents::Kind;

use crate::documents_support::{ABSENT, line, patch};

/// A bad line, and what is wrong with it: reason code and field.
pub struct Fault {
    /// Without its end.
    pub line: Vec<u8>,
    /// `rejects.jsonl` says so.
    pub reason: &'static str,
    /// None when it is the line as a whole.
    pub field: Option<&'static str>,
}

/// All faults of this kind of document, each in a line of its own.
pub fn all(kind: Kind) -> Vec<Fault> {
    let own = match kind {
        Kind::Draw => draw_faults(),
        Kind::Schedule => schedule_faults(),
        Kind::Results => result_faults(),
    };
    let records = common_faults().into_iter().chain(own).map(|(changes, reason, field)| Fault {
        line: line(kind, &changes).into_bytes(),
        reason,
        field: Some(field),
    });
    let lines = bad_lines().into_iter().map(|(line, reason)| Fault { line, reason, field: None });
    records.chain(lines).collect()
}

/// A record with one fault: what changes a good one, the reason code, the field.
type Change = (Value, &'static str, &'static str);

/// A text of this many characters, of two bytes each.
fn long(characters: usize) -> String {
    "é".repeat(characters)
}

/// Faults that every kind of record can have.
fn common_faults() -> Vec<Change> {
    let missing = [
        "source",
        "tournament_id",
        "tournament_year",
        "tournament_name",
        "tournament_level",
        "tournament_surface",
        "round",
    ];
    let mut faults: Vec<Change> =
        missing.map(|field| (json!({field: ABSENT}), "missing_field", field)).into();
    faults.extend([
        (json!({"source": null}), "missing_field", "source"),
        (json!({"tournament_id": "  "}), "missing_field", "tournament_id"),
        (json!({"source": "espn"}), "bad_field", "source"),
        (json!({"source": 1}), "wrong_type", "source"),
        (json!({"tournament_id": 580}), "wrong_type", "tournament_id"),
        (json!({"tournament_id": long(31)}), "too_long", "tournament_id"),
        (json!({"tournament_id": "sackmann:0301"}), "bad_field", "tournament_id"),
        (json!({"tournament_id": "north\u{0}port"}), "invalid_text", "tournament_id"),
        (json!({"tournament_year": "2026"}), "wrong_type", "tournament_year"),
        (json!({"tournament_year": 2026.5}), "wrong_type", "tournament_year"),
        (json!({"tournament_year": 26}), "bad_field", "tournament_year"),
        (json!({"tournament_year": 99_999_999_999_i64}), "bad_field", "tournament_year"),
        (json!({"tournament_name": ["Northport"]}), "wrong_type", "tournament_name"),
        (json!({"tournament_name": long(256)}), "too_long", "tournament_name"),
        (json!({"tournament_name": "Northport\u{0}"}), "invalid_text", "tournament_name"),
        (json!({"tournament_level": 250}), "wrong_type", "tournament_level"),
        (json!({"tournament_level": long(31)}), "too_long", "tournament_level"),
        (json!({"tournament_level": "WTA 250"}), "contradiction", "tournament_level"),
        (json!({"tournament_surface": "Ice"}), "bad_field", "tournament_surface"),
        (json!({"tournament_surface": false}), "wrong_type", "tournament_surface"),
        (json!({"tournament_location": {"city": "Northport"}}), "wrong_type", "tournament_location"),
        (json!({"tournament_location": long(101)}), "too_long", "tournament_location"),
        (json!({"tournament_location": format!("X, {}", long(101))}), "too_long", "tournament_location"),
        (json!({"tournament_country_ioc": "Spain"}), "bad_field", "tournament_country_ioc"),
        (json!({"tournament_country_ioc": "E P"}), "bad_field", "tournament_country_ioc"),
        (json!({"tournament_start_date": "2026-02-30"}), "bad_field", "tournament_start_date"),
        (json!({"tournament_start_date": "05.01.2026"}), "bad_field", "tournament_start_date"),
        (json!({"tournament_start_date": "2024-01-05"}), "contradiction", "tournament_start_date"),
        (json!({"tournament_end_date": 20260111}), "wrong_type", "tournament_end_date"),
        (json!({"tournament_end_date": "2026-01-04"}), "contradiction", "tournament_end_date"),
        (json!({"tour": "Davis"}), "bad_field", "tour"),
        (json!({"tour": "WTA"}), "contradiction", "tour"),
        (json!({"tour": "ITF_MEN"}), "contradiction", "tour"),
        (json!({"gender": "mixed"}), "bad_field", "gender"),
        (json!({"gender": "women"}), "contradiction", "gender"),
        (
            json!({"source": "itf", "tour": ABSENT, "gender": ABSENT, "tournament_level": "ITF"}),
            "missing_field",
            "gender",
        ),
        (json!({"source": "wta", "tour": ABSENT, "gender": "women"}), "contradiction", "tournament_level"),
        (json!({"round": 32}), "wrong_type", "round"),
        (json!({"round": long(21)}), "too_long", "round"),
        (json!({"player_a_name": 7}), "wrong_type", "player_a_name"),
        (json!({"player_a_name": long(256)}), "too_long", "player_a_name"),
        (json!({"player_b_name": "ß".repeat(200)}), "too_long", "player_b_name"),
        (json!({"player_b_name": "Bo\u{0}Berg"}), "invalid_text", "player_b_name"),
        (json!({"player_b_name": "-- 12"}), "bad_field", "player_b_name"),
        (json!({"player_b_name": "Bo Berg (1)"}), "bad_field", "player_b_name"),
        (json!({"player_b_name": "Bo Berg / Cy Cole"}), "bad_field", "player_b_name"),
        (json!({"player_a_external_id": 316956}), "wrong_type", "player_a_external_id"),
        (json!({"player_a_external_id": "A".repeat(21)}), "too_long", "player_a_external_id"),
        (json!({"player_b_external_id": "BB 02"}), "bad_field", "player_b_external_id"),
        (json!({"player_a_seed": "1"}), "wrong_type", "player_a_seed"),
        (json!({"player_a_seed": 0}), "bad_field", "player_a_seed"),
        (json!({"player_b_seed": -4}), "bad_field", "player_b_seed"),
        (json!({"player_b_seed": 1000}), "bad_field", "player_b_seed"),
        (json!({"player_a_nationality": "GB"}), "bad_field", "player_a_nationality"),
        (json!({"player_b_nationality": "ÅÄÖ"}), "bad_field", "player_b_nationality"),
        (json!({"player_b_external_id": "AA01"}), "same_player", "player_b_external_id"),
        (
            json!({"player_b_name": "AMES, Ada", "player_b_external_id": ABSENT}),
            "same_player",
            "player_b_name",
        ),
        (json!({"player_b_name": null}), "missing_field", "player_b_name"),
    ]);
    faults
}

fn draw_faults() -> Vec<Change> {
    vec![
        (json!({"draw_position": ABSENT}), "missing_field", "draw_position"),
        (json!({"draw_position": "3"}), "wrong_type", "draw_position"),
        (json!({"draw_position": 0}), "bad_field", "draw_position"),
        (json!({"draw_position": 17}), "bad_field", "draw_position"),
        (json!({"round": "F", "draw_position": 2}), "bad_field", "draw_position"),
        (json!({"round": "RR", "draw_position": 257}), "bad_field", "draw_position"),
        (json!({"is_bye": "yes"}), "wrong_type", "is_bye"),
        (json!({"is_bye": true}), "contradiction", "is_bye"),
        (json!({"player_b_name": "Bye", "player_b_external_id": ABSENT}), "contradiction", "is_bye"),
        (
            json!({"is_bye": true, "player_a_name": null, "player_a_external_id": null,
                   "player_b_name": "BYE", "player_b_external_id": null}),
            "missing_field",
            "player_a_name",
        ),
        (
            json!({"is_bye": true, "player_b_name": null, "player_b_external_id": null}),
            "contradiction",
            "score_raw",
        ),
        (
            json!({"is_bye": true, "player_b_name": null, "player_b_external_id": null, "score_raw": "",
                   "winner_name": "Bo Berg"}),
            "unknown_winner",
            "winner_name",
        ),
        (json!({"player_b_name": "Qualifier", "player_b_external_id": null}), "contradiction", "winner_name"),
        (json!({"winner_name": "Cy Cole"}), "unknown_winner", "winner_name"),
        (json!({"winner_name": true}), "wrong_type", "winner_name"),
        (json!({"score_raw": 64}), "wrong_type", "score_raw"),
        (json!({"score_raw": "6-4 ".repeat(30)}), "too_long", "score_raw"),
    ]
}

fn schedule_faults() -> Vec<Change> {
    vec![
        (json!({"scheduled_date": ABSENT}), "missing_field", "scheduled_date"),
        (json!({"scheduled_date": "tomorrow"}), "bad_field", "scheduled_date"),
        (json!({"scheduled_date": "2026-1-6"}), "bad_field", "scheduled_date"),
        (json!({"scheduled_date": "+002026-01-06"}), "bad_field", "scheduled_date"),
        (json!({"scheduled_date": "2029-01-06"}), "contradiction", "scheduled_date"),
        (json!({"scheduled_date": 1_767_657_600}), "wrong_type", "scheduled_date"),
        (json!({"scheduled_time": "Followed by"}), "bad_field", "scheduled_time"),
        (json!({"scheduled_time": "25:00"}), "bad_field", "scheduled_time"),
        (json!({"scheduled_time": 1130}), "wrong_type", "scheduled_time"),
        (json!({"court": long(101)}), "too_long", "court"),
        (json!({"court": 1}), "wrong_type", "court"),
        (json!({"court": "Court\u{0}"}), "invalid_text", "court"),
        (json!({"player_a_name": "Bye"}), "unknown_player", "player_a_name"),
        (json!({"player_b_name": "TBD"}), "unknown_player", "player_b_name"),
    ]
}

fn result_faults() -> Vec<Change> {
    let plain = |changes: Value| {
        let mut all = json!({"score_raw": "6-4 6-4", "status": "completed", "retirement_set": ABSENT});
        patch(&mut all, &changes);
        all
    };
    vec![
        (json!({"external_id": 5}), "wrong_type", "external_id"),
        (json!({"external_id": "x".repeat(101)}), "too_long", "external_id"),
        (json!({"match_number": -1}), "bad_field", "match_number"),
        (json!({"match_number": "12"}), "wrong_type", "match_number"),
        (json!({"winner_name": ABSENT}), "missing_field", "winner_name"),
        (json!({"winner_name": "Cy Cole"}), "unknown_winner", "winner_name"),
        (json!({"winner_name": "A. Ames"}), "unknown_winner", "winner_name"),
        (
            json!({"player_a_name": "Bo Berg Sr", "player_b_name": "Bo Berg", "winner_name": "Berg, Bo"}),
            "unknown_winner",
            "winner_name",
        ),
        (json!({"score_raw": ["6-4", "6-4"]}), "wrong_type", "score_raw"),
        (json!({"score_raw": "6".repeat(101)}), "too_long", "score_raw"),
        (plain(json!({"status": "walkover"})), "contradiction", "score_raw"),
        (plain(json!({"status": "retired", "score_raw": "W/O"})), "contradiction", "status"),
        (plain(json!({"status": "walkover", "score_raw": "6-4 2-1 RET"})), "contradiction", "status"),
        (json!({"match_date": "2026-13-01"}), "bad_field", "match_date"),
        (json!({"match_date": "2026-01-06T12:00:00"}), "bad_field", "match_date"),
        (json!({"match_date": "2031-01-06"}), "contradiction", "match_date"),
        (json!({"match_date": ABSENT}), "missing_field", "match_date"),
        (json!({"match_time": "noon"}), "bad_field", "match_time"),
        (json!({"match_time": "12:60"}), "bad_field", "match_time"),
        (json!({"duration_minutes": "1:41"}), "wrong_type", "duration_minutes"),
        (json!({"duration_minutes": -1}), "bad_field", "duration_minutes"),
        (json!({"duration_minutes": 1001}), "bad_field", "duration_minutes"),
        (json!({"status": "finished"}), "bad_field", "status"),
        (json!({"status": "in_progress"}), "bad_field", "status"),
        (json!({"status": 1}), "wrong_type", "status"),
        (plain(json!({"status": "cancelled"})), "contradiction", "winner_name"),
        (json!({"status": "cancelled", "winner_name": null}), "contradiction", "retirement_set"),
        (json!({"retirement_set": 0}), "bad_field", "retirement_set"),
        (json!({"retirement_set": 6}), "bad_field", "retirement_set"),
        (json!({"retirement_set": "3"}), "wrong_type", "retirement_set"),
        (json!({"retirement_set": 1}), "contradiction", "retirement_set"),
        (plain(json!({"retirement_set": 2})), "contradiction", "retirement_set"),
        (json!({"stats": "aces: 5"}), "wrong_type", "stats"),
        (json!({"stats": [1, 2]}), "wrong_type", "stats"),
        (json!({"stats": {"note": "x".repeat(16 * 1024)}}), "too_long", "stats"),
        (json!({"stats": {"a": [{"\u{0}": 1}]}}), "invalid_text", "stats"),
        (json!({"player_a_name": "Unknown"}), "unknown_player", "player_a_name"),
    ]
}

/// Lines that are no records.
fn bad_lines() -> Vec<(Vec<u8>, &'static str)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (text("{\"source\": \"atp\""), "not_json"),
        (text("source,tournament_id,round"), "not_json"),
        (text("{'source': 'atp'}"), "not_json"),
        (text("{} {}"), "not_json"),
        (text("{\"tournament_year\": 1e999}"), "not_json"),
        (text("{\"player_a_name\": \"\\ud800\"}"), "not_json"),
        (text("{\"source\": NaN}"), "not_json"),
        (text("\0\0\0"), "not_json"),
        ([b'['; 5000].to_vec(), "not_json"),
        (text("[{\"source\": \"atp\"}]"), "not_object"),
        (text("\"source\""), "not_object"),
        (text("null"), "not_object"),
        (text("17"), "not_object"),
        (b"{\"player_a_name\": \"Bo Bj\xf6rk\"}".to_vec(), "invalid_text"),
        (b"\xff\xfe{\0}\0".to_vec(), "invalid_text"),
        (format!("{{\"note\": \"{}\"}}", "x".repeat(300_000)).into_bytes(), "line_too_long"),
    ]
}
