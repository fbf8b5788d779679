//! Damage to feed files: bytes that are not what they were, values that a field should not have. From seeds, the same everywhere.

#![allow(dead_code)]

use serde_json::{Map, Value, json};
use teelo::ingest::documents::Kind;

use crate::feed;

/// SplitMix64, by Sebastiano Vigna: small, and the same on every machine.
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// One of these.
    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// Text that means something to a reader.
const TOKENS: [&str; 26] = [
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\n",
    "\r\n",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "-1",
    "0",
    "1e400",
    "99999999999999999999",
    "\u{feff}",
    "é",
    "ß",
    "\0",
    "Bye",
    "W/O",
    "2026-02-30",
    "6-4 ",
];

/// Changes some bytes at one place.
pub fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    let at = random.below(bytes.len() + 1);
    let until = (at + random.below(20)).min(bytes.len());
    match random.below(5) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 => drop(bytes.drain(at..until)),
        2 => bytes.insert(at, random.next() as u8),
        3 => drop(bytes.splice(at..until, random.pick(&TOKENS).bytes())),
        _ => bytes.extend_from_within(at..until),
    }
}

/// A value that a field may have, or should not.
pub fn odd_value(random: &mut Random) -> Value {
    let text = |text: String| Value::String(text);
    match random.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(random.next() as i64),
        3 => json!(random.below(70) as i64 - 3),
        4 => json!(random.below(300) as f64 / 7.0),
        5 => json!({"a": [1, {"b\u{0}": "c"}]}),
        6 => json!([]),
        7 => text("é".repeat(random.below(300))),
        8 => text("ß".repeat(random.below(300))),
        9 => text(format!("{}-{:02}-{:02}", 1990 + random.below(60), random.below(14), random.below(33))),
        10 => text(format!("{}:{:02}", random.below(26), random.below(62))),
        11 => {
            let sets =
                ["6-4", "4-6", "7-6(5)", "6-7(10-8)", "[10-8]", "2-1", "RET", "W/O", "6-2(1)", "x", "DEF"];
            text((0..random.below(7)).map(|_| random.pick(&sets)).collect::<Vec<_>>().join(" "))
        }
        12 => text(random.pick(&TOKENS).to_owned()),
        _ => {
            let words = [
                "atp",
                "wta",
                "itf",
                "itf_women",
                "ATP 250",
                "WTA 125",
                "Challenger",
                "ITF W25",
                "Hard",
                "clay",
                "men",
                "women",
                "F",
                "QF",
                "RR",
                "Q1",
                "Bo Berg",
                "Ada Ames",
                "BERG, Bo",
                "bye",
                "TBD",
                "AA01",
                "GBR",
                "completed",
                "retired",
                "walkover",
                "cancelled",
            ];
            text(random.pick(&words).to_owned())
        }
    }
}

/// One to three fields of a record of this kind with odd values.
pub fn odd_fields(random: &mut Random, kind: Kind) -> Value {
    let fields: Vec<&str> = kind.fields().collect();
    let changes: Map<String, Value> =
        (0..=random.below(3)).map(|_| (random.pick(&fields).to_owned(), odd_value(random))).collect();
    changes.into()
}

/// A record of an archive with one to three odd cells.
pub fn odd_row(random: &mut Random) -> String {
    let columns: Vec<&str> = feed::HEADER.split(',').collect();
    let changes: Vec<(&str, String)> = (0..=random.below(3))
        .map(|_| {
            let value = match odd_value(random) {
                Value::String(text) => text.replace(['"', ',', '\n'], " "),
                value => value.to_string().replace(['"', ','], " "),
            };
            (random.pick(&columns), value)
        })
        .collect();
    feed::record(&changes.iter().map(|(column, value)| (*column, value.as_str())).collect::<Vec<_>>())
}
