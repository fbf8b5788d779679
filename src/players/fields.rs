//! The fields that enrichment fills in, and which values they may hold.

use std::collections::BTreeMap;

use serde::Serialize;
use time::Date;
use time::macros::{date, format_description};

use crate::countries;
use crate::ingest::temporal;

/// Grown-up players of a tour; sources with other heights mean inches, metres, or nobody.
const HEIGHTS_CM: std::ops::RangeInclusive<i32> = 140..=230;
/// The oldest players of whom anybody keeps a record played the first Wimbledon, of 1877; the eldest was born in 1829.
const BIRTH_DATE_MIN: Date = date!(1825 - 01 - 01);
/// Nobody enters a tournament of the tours at less than this.
const AGE_MIN_YEARS: i32 = 10;
/// The first professional tour began in 1926.
const TURNED_PRO_YEAR_MIN: i32 = 1926;
/// Longer texts are no values, and are cut where they are shown.
const SHOWN_LENGTH_MAX: usize = 80;

/// A column of `players`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The IOC's code of the country that they play for.
    NationalityIoc,
    /// `YYYY-MM-DD`.
    BirthDate,
    /// `Right`, `Left` or `Ambidextrous`.
    Hand,
    /// Centimetres.
    HeightCm,
    /// `One-Handed` or `Two-Handed`.
    Backhand,
    /// The year.
    TurnedProYear,
}

impl Field {
    /// Every field, in the order in which people read them.
    pub const ALL: [Self; 6] = [
        Self::NationalityIoc,
        Self::BirthDate,
        Self::Hand,
        Self::HeightCm,
        Self::Backhand,
        Self::TurnedProYear,
    ];

    /// The column's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::NationalityIoc => "nationality_ioc",
            Self::BirthDate => "birth_date",
            Self::Hand => "hand",
            Self::HeightCm => "height_cm",
            Self::Backhand => "backhand",
            Self::TurnedProYear => "turned_pro_year",
        }
    }
}

/// What is known of a player: good values, as text.
pub type Facts = BTreeMap<Field, String>;

/// A value that is turned down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// The field that it was for.
    pub field: Field,
    /// What the source says, cut when it is long.
    pub value: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// The good one of the values that a source gives, and those that are turned down. `today`: nobody is born in the future.
pub fn check_all<'a>(
    given: impl IntoIterator<Item = (Field, &'a str)>,
    today: Date,
) -> (Facts, Vec<Rejected>) {
    let mut facts = Facts::new();
    let mut rejected = Vec::new();
    for (field, text) in given {
        match check(field, text, today) {
            Ok(None) => {}
            Ok(Some(value)) => _ = facts.entry(field).or_insert(value),
            Err(reason) => rejected.push(Rejected { field, value: shown(text), reason }),
        }
    }
    (facts, rejected)
}

/// The value as the column holds it; None when the text says that it is not known.
///
/// # Errors
/// What is wrong with it.
pub fn check(field: Field, text: &str, today: Date) -> Result<Option<String>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match field {
        Field::NationalityIoc if countries::is_unknown(text) => Ok(None),
        Field::NationalityIoc => {
            countries::ioc_code(text).map(|code| Some(code.to_owned())).ok_or("unknown_country")
        }
        Field::BirthDate => birth_date(text, today).map(Some),
        Field::Hand => hand(text),
        Field::HeightCm => number(text, HEIGHTS_CM, "implausible_height").map(Some),
        Field::Backhand => backhand(text).map(Some),
        Field::TurnedProYear => {
            number(text, TURNED_PRO_YEAR_MIN..=today.year(), "implausible_year").map(Some)
        }
    }
}

fn birth_date(text: &str, today: Date) -> Result<String, &'static str> {
    let compact = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let date = match compact {
        true => Date::parse(text, format_description!("[year][month][day]")).ok(),
        false => temporal::parse_date(text),
    };
    let date = date.ok_or("no_date")?;
    let youngest = today.year() - AGE_MIN_YEARS;
    if date < BIRTH_DATE_MIN || date.year() > youngest {
        return Err("implausible_date");
    }
    Ok(date.to_string())
}

fn hand(text: &str) -> Result<Option<String>, &'static str> {
    let hand = match text.to_ascii_lowercase().as_str() {
        "u" | "unknown" => return Ok(None),
        "r" | "right" | "right-handed" => "Right",
        "l" | "left" | "left-handed" => "Left",
        "a" | "ambidextrous" => "Ambidextrous",
        _ => return Err("unknown_hand"),
    };
    Ok(Some(hand.to_owned()))
}

fn backhand(text: &str) -> Result<String, &'static str> {
    match text.to_ascii_lowercase().replace(['-', '_', ' '], "").as_str() {
        "onehanded" => Ok("One-Handed".to_owned()),
        "twohanded" => Ok("Two-Handed".to_owned()),
        _ => Err("unknown_backhand"),
    }
}

/// A whole number; some writers put `.0` behind it.
fn number(
    text: &str,
    plausible: std::ops::RangeInclusive<i32>,
    implausible: &'static str,
) -> Result<String, &'static str> {
    let number: i32 = text.strip_suffix(".0").unwrap_or(text).parse().map_err(|_| "no_number")?;
    if plausible.contains(&number) { Ok(number.to_string()) } else { Err(implausible) }
}

/// A text of somebody else's as the database, the log and a terminal can show it.
pub fn shown(text: &str) -> String {
    text.chars()
        .take(SHOWN_LENGTH_MAX)
        .map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = date!(2026 - 03 - 04);

    #[test]
    fn good_values_are_written_in_one_way() {
        for (field, text, value) in [
            (Field::NationalityIoc, " Spain", Some("ESP")),
            (Field::NationalityIoc, "UNK", None),
            (Field::BirthDate, "19131122", Some("1913-11-22")),
            (Field::BirthDate, "2001-05-04", Some("2001-05-04")),
            (Field::BirthDate, "20161231", Some("2016-12-31")),
            (Field::Hand, "R", Some("Right")),
            (Field::Hand, "left", Some("Left")),
            (Field::Hand, "A", Some("Ambidextrous")),
            (Field::Hand, "U", None),
            (Field::HeightCm, "140", Some("140")),
            (Field::HeightCm, "230.0", Some("230")),
            (Field::Backhand, "two-handed", Some("Two-Handed")),
            (Field::Backhand, "One-Handed", Some("One-Handed")),
            (Field::TurnedProYear, "2026", Some("2026")),
            (Field::TurnedProYear, "  ", None),
        ] {
            assert_eq!(check(field, text, TODAY), Ok(value.map(str::to_owned)), "{field:?} {text}");
        }
    }

    #[test]
    fn bad_values_are_turned_down_with_the_reason() {
        for (field, text, reason) in [
            (Field::NationalityIoc, "Atlantis", "unknown_country"),
            (Field::BirthDate, "19130000", "no_date"),
            (Field::BirthDate, "20010230", "no_date"),
            (Field::BirthDate, "04/05/2001", "no_date"),
            (Field::BirthDate, "20170101", "implausible_date"),
            (Field::BirthDate, "17991231", "implausible_date"),
            (Field::BirthDate, "9999-12-31", "implausible_date"),
            (Field::Hand, "both", "unknown_hand"),
            (Field::HeightCm, "139", "implausible_height"),
            (Field::HeightCm, "231", "implausible_height"),
            (Field::HeightCm, "1.85", "no_number"),
            (Field::HeightCm, "-185", "implausible_height"),
            (Field::Backhand, "three", "unknown_backhand"),
            (Field::TurnedProYear, "2027", "implausible_year"),
            (Field::TurnedProYear, "1925", "implausible_year"),
        ] {
            assert_eq!(check(field, text, TODAY), Err(reason), "{field:?} {text}");
        }
    }

    #[test]
    fn of_several_values_for_a_field_the_first_good_one_counts() {
        let given =
            [(Field::Hand, "both"), (Field::Hand, "L"), (Field::Hand, "R"), (Field::HeightCm, "a\0b")];
        let (facts, rejected) = check_all(given, TODAY);
        assert_eq!(facts, Facts::from([(Field::Hand, "Left".to_owned())]));
        let shown: Vec<_> = rejected.iter().map(|one| (one.value.as_str(), one.reason)).collect();
        assert_eq!(shown, [("both", "unknown_hand"), ("a\u{fffd}b", "no_number")]);
    }
}
