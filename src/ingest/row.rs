//! One record of a match archive as typed values: what is required is checked, what is optional and senseless is
//! left out.

use std::fmt::Write as _;

use csv::StringRecord;
use serde_json::{Map, Value};
use time::Date;

use super::name;
use super::rejects::{Reason, Reject};
use super::temporal::parse_compact_date;
use crate::countries;
use crate::error::{Error, Result};

/// The archive's stand-in for players whom nobody knows.
const PLACEHOLDER_ID: u32 = 199_999;
/// Values outside are slips of the keyboard.
const PLAUSIBLE_HEIGHTS_CM: std::ops::RangeInclusive<i32> = 130..=230;
const PLAUSIBLE_AGES: std::ops::RangeInclusive<f64> = 10.0..=80.0;
/// `matches.round` holds this many characters.
const ROUND_LENGTH_MAX: usize = 20;
/// `matches.score` holds this many characters.
const SCORE_LENGTH_MAX: usize = 100;
/// The serve statistics, as the archive's author names them, behind `w_` and `l_`.
const STATISTICS: [&str; 9] =
    ["ace", "df", "svpt", "1stIn", "1stWon", "2ndWon", "SvGms", "bpSaved", "bpFaced"];

/// Where each column stands in the records of one file.
#[derive(Debug)]
pub struct Columns {
    names: Vec<String>,
    tourney_id: usize,
    tourney_name: usize,
    tourney_level: usize,
    tourney_date: usize,
    round: usize,
    score: usize,
    surface: Option<usize>,
    draw_size: Option<usize>,
    match_num: Option<usize>,
    minutes: Option<usize>,
    winner: PlayerColumns,
    loser: PlayerColumns,
}

/// The columns of one side.
#[derive(Debug)]
struct PlayerColumns {
    id_name: &'static str,
    name_name: &'static str,
    id: usize,
    name: usize,
    seed: Option<usize>,
    hand: Option<usize>,
    height: Option<usize>,
    country: Option<usize>,
    age: Option<usize>,
    statistics: [Option<usize>; 9],
}

/// The columns without which a file is no match archive.
const REQUIRED: [&str; 10] = [
    "tourney_id",
    "tourney_name",
    "tourney_level",
    "tourney_date",
    "winner_id",
    "winner_name",
    "loser_id",
    "loser_name",
    "score",
    "round",
];

impl Columns {
    /// Finds the columns by the header's names; unknown ones are ignored.
    ///
    /// # Errors
    /// A required column is missing; the message names it.
    pub fn find(header: &[String]) -> Result<Self> {
        let optional = |name: &str| header.iter().position(|column| column == name);
        let missing: Vec<&str> = REQUIRED.into_iter().filter(|name| optional(name).is_none()).collect();
        if missing.len() == REQUIRED.len() {
            return Err(Error::failed(format!(
                "line 1 is not the header of a match archive: none of its columns is there; expected {}",
                REQUIRED.join(", ")
            )));
        }
        if !missing.is_empty() {
            let (noun, verb) = if missing.len() == 1 { ("column", "is") } else { ("columns", "are") };
            return Err(Error::failed(format!(
                "the header (line 1) lacks the required {noun} {}, which {verb} needed for every match",
                missing.join(", ")
            )));
        }
        let required = |name: &str| optional(name).unwrap_or_default();
        let player = |id_name, name_name, side: &str, short: &str| PlayerColumns {
            id_name,
            name_name,
            id: required(id_name),
            name: required(name_name),
            seed: optional(&format!("{side}_seed")),
            hand: optional(&format!("{side}_hand")),
            height: optional(&format!("{side}_ht")),
            country: optional(&format!("{side}_ioc")),
            age: optional(&format!("{side}_age")),
            statistics: STATISTICS.map(|name| optional(&format!("{short}_{name}"))),
        };
        Ok(Self {
            tourney_id: required("tourney_id"),
            tourney_name: required("tourney_name"),
            tourney_level: required("tourney_level"),
            tourney_date: required("tourney_date"),
            round: required("round"),
            score: required("score"),
            surface: optional("surface"),
            draw_size: optional("draw_size"),
            match_num: optional("match_num"),
            minutes: optional("minutes"),
            winner: player("winner_id", "winner_name", "winner", "w"),
            loser: player("loser_id", "loser_name", "loser", "l"),
            names: header.to_vec(),
        })
    }

    /// How many fields a record has.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The record as JSON: an object of its fields by name, or the list of them when their number is wrong.
    pub fn record_json<'a>(&self, fields: impl Iterator<Item = &'a [u8]>) -> Value {
        let values: Vec<Value> =
            fields.map(|field| Value::from(String::from_utf8_lossy(field).into_owned())).collect();
        if values.len() != self.count() {
            return Value::Array(values);
        }
        Value::Object(self.names.iter().cloned().zip(values).collect::<Map<_, _>>())
    }
}

/// One side of a match.
#[derive(Debug, Clone)]
pub struct Side {
    /// The archive's id.
    pub id: u32,
    /// As written, spaces folded.
    pub name: String,
    /// Seed number.
    pub seed: Option<i32>,
    /// `Right`, `Left` or `Ambidextrous`.
    pub hand: Option<&'static str>,
    /// Centimetres.
    pub height_cm: Option<i32>,
    /// Three letters.
    pub country: Option<String>,
    /// Years, at the start of the event.
    pub age: Option<f64>,
    /// The serve statistics as the inside of a JSON object; empty when there are none.
    pub statistics: String,
}

/// A record's values.
#[derive(Debug, Clone)]
pub struct Row {
    /// `2024-560`
    pub tourney_id: String,
    /// The event's name.
    pub tourney_name: String,
    /// The level's code.
    pub level: String,
    /// The event's start.
    pub date: Date,
    /// The round's code.
    pub round: String,
    /// The score as written.
    pub score: String,
    /// As written.
    pub surface: Option<String>,
    /// Players in the draw.
    pub draw_size: Option<i32>,
    /// The match's number in its event; not unique.
    pub match_number: Option<i32>,
    /// How long it took.
    pub minutes: Option<i32>,
    /// The winner.
    pub winner: Side,
    /// The loser.
    pub loser: Side,
}

/// What is wrong with a record; its place is added by the reader.
pub type Fault = (Reason, Option<&'static str>, String);

/// A fault as a reject.
pub fn reject(fault: Fault, line: u64, record: Value) -> Reject {
    let (reason, field, expected) = fault;
    Reject { line, reason, field, expected, record }
}

/// The event's start of a record: read first, because it decides whether the record is wanted at all.
///
/// # Errors
/// The field is missing or no date.
pub fn start_date(columns: &Columns, record: &StringRecord) -> std::result::Result<Date, Fault> {
    let text = required(record, columns.tourney_date, "tourney_date")?;
    parse_compact_date(text).ok_or_else(|| bad("tourney_date", "a date of eight digits, YYYYMMDD"))
}

/// The values of a record that starts on `date`.
///
/// # Errors
/// Why it cannot be used.
pub fn read(columns: &Columns, record: &StringRecord, date: Date) -> std::result::Result<Row, Fault> {
    let winner = side(&columns.winner, record)?;
    let loser = side(&columns.loser, record)?;
    for side in [&winner, &loser] {
        if side.id == PLACEHOLDER_ID
            || matches!(name::normalise(&side.name).as_str(), "u unknown" | "unknown")
        {
            return Err((Reason::UnknownPlayer, None, "two known players".to_owned()));
        }
    }
    if winner.id == loser.id {
        return Err((Reason::SamePlayer, Some("loser_id"), "two different players".to_owned()));
    }
    let tourney_id = required(record, columns.tourney_id, "tourney_id")?;
    let round = required(record, columns.round, "round")?;
    if round.chars().count() > ROUND_LENGTH_MAX {
        return Err(bad("round", "a round's code, at most 20 characters"));
    }
    let name = name::tidy(field(record, Some(columns.tourney_name)));
    Ok(Row {
        tourney_name: cut(if name.is_empty() { tourney_id } else { &name }, name::LENGTH_MAX),
        tourney_id: tourney_id.to_owned(),
        level: field(record, Some(columns.tourney_level)).to_owned(),
        date,
        round: round.to_owned(),
        score: cut(field(record, Some(columns.score)), SCORE_LENGTH_MAX),
        surface: Some(field(record, columns.surface))
            .filter(|surface| !surface.is_empty() && surface.chars().count() <= 20)
            .map(str::to_owned),
        draw_size: number(record, columns.draw_size).filter(|size| (1..=1024).contains(size)),
        match_number: number(record, columns.match_num).filter(|number| *number >= 0),
        minutes: number(record, columns.minutes).filter(|minutes| *minutes > 0),
        winner,
        loser,
    })
}

fn side(columns: &PlayerColumns, record: &StringRecord) -> std::result::Result<Side, Fault> {
    let id = required(record, columns.id, columns.id_name)?;
    let id: u32 = match id.parse() {
        Ok(number) if number > 0 && !id.starts_with('+') => number,
        _ => return Err(bad(columns.id_name, "a player's number in the archive")),
    };
    let name = name::tidy(required(record, columns.name, columns.name_name)?);
    Ok(Side {
        id,
        name: cut(&name, name::LENGTH_MAX),
        seed: number(record, columns.seed).filter(|seed| (1..=1024).contains(seed)),
        hand: match field(record, columns.hand) {
            "R" => Some("Right"),
            "L" => Some("Left"),
            "A" => Some("Ambidextrous"),
            _ => None,
        },
        height_cm: number(record, columns.height).filter(|height| PLAUSIBLE_HEIGHTS_CM.contains(height)),
        country: countries::ioc_code(field(record, columns.country)).map(str::to_owned),
        age: field(record, columns.age).parse().ok().filter(|age| PLAUSIBLE_AGES.contains(age)),
        statistics: statistics(columns, record),
    })
}

/// `"ace":5,"df":2`: the statistics that are whole numbers.
fn statistics(columns: &PlayerColumns, record: &StringRecord) -> String {
    let mut text = String::new();
    for (name, column) in STATISTICS.iter().zip(columns.statistics) {
        if let Some(value) = number(record, column).filter(|value| *value >= 0) {
            let comma = if text.is_empty() { "" } else { "," };
            // Writing to a String cannot fail.
            _ = write!(text, "{comma}\"{name}\":{value}");
        }
    }
    text
}

/// A field without the spaces around it; empty when the column is not there.
fn field(record: &StringRecord, column: Option<usize>) -> &str {
    column.and_then(|column| record.get(column)).unwrap_or_default().trim()
}

fn required<'a>(
    record: &'a StringRecord,
    column: usize,
    name: &'static str,
) -> std::result::Result<&'a str, Fault> {
    match field(record, Some(column)) {
        "" => Err((Reason::MissingField, Some(name), "a value".to_owned())),
        text => Ok(text),
    }
}

fn bad(name: &'static str, expected: &str) -> Fault {
    (Reason::BadField, Some(name), expected.to_owned())
}

/// A whole number, or one with a point and zeros behind it, as spreadsheets write them.
fn number(record: &StringRecord, column: Option<usize>) -> Option<i32> {
    let text = field(record, column);
    let whole = text.split_once('.').filter(|(_, zeros)| zeros.bytes().all(|byte| byte == b'0'));
    whole.map_or(text, |(whole, _)| whole).parse().ok()
}

/// At most `length` characters of `text`.
fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}
