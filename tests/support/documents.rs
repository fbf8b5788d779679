//! Feed documents written by hand, for the tests of their readers.

#![allow(dead_code)]

use serde_json::{Value, json};
use teelo::ingest::documents::Kind;

/// Takes a field away, in a patch.
pub const ABSENT: &str = "(absent)";

/// A good record of this kind, with every field that it can have.
pub fn good(kind: Kind) -> Value {
    let mut record = json!({
        "source": "atp",
        "tournament_id": "northport",
        "tournament_year": 2026,
        "tournament_name": "Northport Open",
        "tournament_level": "ATP 250",
        "tournament_surface": "Hard",
        "tournament_location": "Northport, Wales, Great Britain",
        "tournament_country_ioc": "GBR",
        "tournament_start_date": "2026-01-05",
        "tournament_end_date": "2026-01-11",
        "tour": "ATP",
        "gender": "men",
        "round": "R32",
        "player_a_name": "Ada Ames",
        "player_a_external_id": "AA01",
        "player_a_seed": 1,
        "player_a_nationality": "GBR",
        "player_b_name": "Bo Berg",
        "player_b_external_id": "BB02",
        "player_b_seed": null,
        "player_b_nationality": "SWE",
    });
    let own = match kind {
        Kind::Draw => json!({
            "draw_position": 3, "score_raw": "6-4 7-6(5)", "winner_name": "Ada Ames", "is_bye": false,
        }),
        Kind::Schedule => json!({
            "scheduled_date": "2026-01-06", "scheduled_time": "11:30", "court": "Centre Court",
        }),
        Kind::Results => json!({
            "external_id": "2026_northport_R32_AA01_BB02", "match_number": 12, "winner_name": "Ada Ames",
            "score_raw": "6-4 3-6 2-1 ret.", "match_date": "2026-01-06", "match_time": "12:10",
            "duration_minutes": 101, "status": "retired", "retirement_set": 3,
            "stats": {"a": {"aces": 5}, "b": {"aces": 2}},
        }),
    };
    patch(&mut record, &own);
    record
}

/// Sets the fields of `changes`; the value [`ABSENT`] takes one away.
pub fn patch(record: &mut Value, changes: &Value) {
    let fields = record.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value == ABSENT {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
}

/// The good record of this kind with `changes`, as a line without its end.
pub fn line(kind: Kind, changes: &Value) -> String {
    let mut record = good(kind);
    patch(&mut record, changes);
    record.to_string()
}
