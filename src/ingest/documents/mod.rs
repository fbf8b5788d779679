//! Feed documents: JSON Lines files of draws, schedules and results, one record a line (docs/FEEDS.md is the guide for who
//! writes them). Everything here is pure: a file becomes typed records, and rejects for what cannot be used.
//!
//! `lines` finds the lines, `fields` reads the values of one, [`event`], [`entrant`] and [`decision`] what all records share, and
//! [`draw`], [`schedule`] and [`results`] the rest.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;

use serde_json::Value;

use super::archive::Hashing;
use super::bracket::{Applied, Book};
use super::counts::{self, NotUnderstood, count};
use super::rejects::{Reason, Reject};
use super::row::{Fault, reject};
use super::score::Score;
use super::temporal::Round;
use crate::elo::params::LevelCode;
use crate::error::{Context, Error, Result};

pub mod decision;
pub mod draw;
pub mod entrant;
pub mod event;
mod fields;
mod lines;
pub mod results;
pub mod schedule;

pub use fields::Fields;

use entrant::Entrant;
use event::Event;
use lines::{LINE_BYTES_MAX, Line, Lines};

/// The fields that every record may have.
pub const COMMON_FIELDS: [&str; 21] = [
    "source",
    "tournament_id",
    "tournament_year",
    "tournament_name",
    "tournament_level",
    "tournament_surface",
    "tournament_location",
    "tournament_country_ioc",
    "tournament_start_date",
    "tournament_end_date",
    "tour",
    "gender",
    "round",
    "player_a_name",
    "player_a_external_id",
    "player_a_seed",
    "player_a_nationality",
    "player_b_name",
    "player_b_external_id",
    "player_b_seed",
    "player_b_nationality",
];

/// Characters of a line that is no record, in its reject.
const SHOWN_CHARACTERS: usize = 1000;
/// Rejects that are held back until the first JSON line shows that the file is a document at all.
const HELD_BACK_MAX: usize = 1000;
/// What a file is told whose lines are all something else.
const NO_JSON: &str = "it holds no JSON at all: expected one JSON object a line, as UTF-8 text";

/// The documents, in the order in which those of one event are ingested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `*.draw.jsonl`
    Draw,
    /// `*.schedule.jsonl`
    Schedule,
    /// `*.results.jsonl`
    Results,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Draw, Self::Schedule, Self::Results];

    /// What a file's name ends with.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Draw => ".draw.jsonl",
            Self::Schedule => ".schedule.jsonl",
            Self::Results => ".results.jsonl",
        }
    }

    /// The kind that a file's name tells; None when it is no feed document. A name with a dot in front is one that is still
    /// being written.
    pub fn of_file(name: &str) -> Option<Self> {
        let is_of = |kind: &Self| name.ends_with(kind.ending()) && !name.starts_with('.');
        Self::ALL.into_iter().find(is_of)
    }

    /// The fields of its records; others are ignored.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        let own: &[&str] = match self {
            Self::Draw => &draw::DRAW_FIELDS,
            Self::Schedule => &schedule::SCHEDULE_FIELDS,
            Self::Results => &results::RESULT_FIELDS,
        };
        COMMON_FIELDS.iter().chain(own).copied()
    }
}

/// A record of one kind of document.
pub trait Record: Sized {
    /// The document.
    const KIND: Kind;

    /// Reads a record. None when something is wrong with it; then every fault was noted.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;

    /// The edition that it belongs to.
    fn event(&self) -> &Event;

    /// Its round's code.
    fn round(&self) -> &str;

    /// Its score, when it has one.
    fn score(&self) -> Option<&Score>;

    /// The match's id, when the record gives one.
    fn match_id(&self) -> Option<&str> {
        None
    }

    /// The players it names, in order.
    fn entrants(&self) -> Vec<&Entrant>;

    /// Says in `book` what the record says; `players` are its entrants.
    fn apply(&self, book: &mut Book, edition_id: i32, players: &[i32]) -> Applied;
}

/// Where a record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: u64,
    /// From 0.
    pub byte: u64,
}

/// A record that cannot be used, with everything that is wrong with it.
#[derive(Debug, Clone)]
pub struct Rejected {
    line: u64,
    /// Never empty.
    faults: Vec<Fault>,
    record: Value,
}

impl Rejected {
    fn new(line: u64, reason: Reason, expected: impl Into<String>, record: Value) -> Self {
        Self { line, faults: vec![(reason, None, expected.into())], record }
    }

    /// A reject for each fault; the first one says why the record is rejected.
    pub fn into_rejects(self) -> impl Iterator<Item = Reject> {
        let Self { line, faults, record } = self;
        faults.into_iter().map(move |fault| reject(fault, line, record.clone()))
    }
}

/// What was counted while reading.
#[derive(Debug, Default)]
pub struct Counts {
    /// Lines that are not blank.
    pub records_read: u64,
    /// Records that can be used.
    pub accepted: u64,
    /// Records that cannot.
    pub rejected: u64,
    /// Accepted records of which something is not understood; a level here is one that the ratings do not know.
    pub not_understood: NotUnderstood,
    /// Records with a field that means nothing here, by its name.
    pub unknown_fields: counts::Counts,
}

/// A whole document. Its file stays open, so that a record can be shown as it was read also when another file has taken its place.
#[derive(Debug)]
pub struct Document<T> {
    /// In file order.
    pub records: Vec<(Position, T)>,
    /// In file order, one a record.
    pub rejects: Vec<Reject>,
    /// What was counted.
    pub counts: Counts,
    /// Of what was read.
    pub size_bytes: u64,
    /// Of what was read, in hexadecimal.
    pub sha256: String,
    file: File,
}

impl<T> Document<T> {
    /// The record at `position` as the rejects show it, read again.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn record_json(&mut self, position: Position) -> Result<Value> {
        self.file.seek(SeekFrom::Start(position.byte))?;
        let mut lines = Lines::new(BufReader::new(&self.file));
        let content = lines.next()?.and_then(|line| line.content.ok());
        Ok(content.map_or(Value::Null, |line| serde_json::from_slice(line).unwrap_or(Value::Null)))
    }
}

/// Reads the document at `path`.
///
/// # Errors
/// The file cannot be read, or it has lines and none of them is JSON.
pub fn read_file<T: Record>(path: &Path) -> Result<Document<T>> {
    let file = File::open(path).context(|| "opening it")?;
    let mut hashing = Hashing::new(&file);
    let (mut records, mut rejects) = (Vec::new(), Vec::new());
    let counts = read(BufReader::with_capacity(256 * 1024, &mut hashing), |position, record| match record {
        Ok(record) => records.push((position, record)),
        Err(rejected) => rejects.extend(rejected.into_rejects().take(1)),
    })?;
    let (size_bytes, sha256) = hashing.finish();
    Ok(Document { records, rejects, counts, size_bytes, sha256, file })
}

/// Reads a document record by record; `each` gets them in order.
///
/// # Errors
/// The source cannot be read, or it has lines and none of them is JSON.
pub fn read<T: Record>(
    source: impl BufRead,
    mut each: impl FnMut(Position, std::result::Result<T, Rejected>),
) -> Result<Counts> {
    let mut lines = Lines::new(source);
    let mut counts = Counts::default();
    // Until the first JSON line.
    let mut held_back = Some(Vec::new());
    while let Some(line) = lines.next()? {
        counts.records_read += 1;
        let position = Position { line: line.number, byte: line.byte };
        let value = parse(&line);
        let is_json = value.is_ok();
        let record = value.and_then(|value| read_record::<T>(position.line, value, &mut counts));
        counts.add(&record);
        match (&mut held_back, record) {
            (Some(rejects), Err(rejected)) if !is_json && rejects.len() < HELD_BACK_MAX => {
                rejects.push((position, rejected));
            }
            (held_back, record) => {
                let earlier = held_back.iter_mut().flat_map(|rejects| rejects.drain(..));
                earlier.for_each(|(position, rejected)| each(position, Err(rejected)));
                each(position, record);
            }
        }
        if is_json {
            held_back = None;
        }
    }
    if held_back.is_some() && counts.records_read > 0 {
        return Err(Error::failed(NO_JSON));
    }
    Ok(counts)
}

impl Counts {
    fn add<T: Record>(&mut self, record: &std::result::Result<T, Rejected>) {
        let Ok(record) = record else {
            self.rejected += 1;
            return;
        };
        self.accepted += 1;
        let event = record.event();
        if !LevelCode::of(&event.level, event.tour).known {
            count(&mut self.not_understood.levels, &event.level);
        }
        if !Round::of(record.round()).is_known() {
            count(&mut self.not_understood.rounds, record.round());
        }
        if let Some(problem) = record.score().and_then(|score| score.problem.as_ref()) {
            count(&mut self.not_understood.scores, problem.code());
        }
    }
}

/// The JSON of a line.
fn parse(line: &Line<'_>) -> std::result::Result<Value, Rejected> {
    let shown = |text: &str| Value::from(text.chars().take(SHOWN_CHARACTERS).collect::<String>());
    let content = line.content.map_err(|beginning| {
        let expected = format!("a line of at most {LINE_BYTES_MAX} bytes");
        let record = shown(&String::from_utf8_lossy(beginning));
        Rejected::new(line.number, Reason::LineTooLong, expected, record)
    })?;
    let text = std::str::from_utf8(content).map_err(|error| {
        let expected = format!("UTF-8 text; byte {} of the line is not", error.valid_up_to() + 1);
        let record = shown(&String::from_utf8_lossy(content));
        Rejected::new(line.number, Reason::InvalidText, expected, record)
    })?;
    serde_json::from_str(text).map_err(|error| {
        let problem = error.to_string().replace("line 1 column", "column");
        let expected = format!("one JSON object ({problem})");
        Rejected::new(line.number, Reason::NotJson, expected, shown(text))
    })
}

/// The record of a JSON line.
fn read_record<T: Record>(line: u64, value: Value, counts: &mut Counts) -> std::result::Result<T, Rejected> {
    let Value::Object(object) = &value else {
        let expected = "one JSON object a line, not an array or a bare value";
        return Err(Rejected::new(line, Reason::NotObject, expected, value));
    };
    for name in object.keys().filter(|name| !T::KIND.fields().any(|known| known == *name)) {
        count(&mut counts.unknown_fields, name);
    }
    let mut fields = Fields::new(object);
    let record = T::read(&mut fields);
    let faults = fields.into_faults();
    match record {
        Some(record) if faults.is_empty() => Ok(record),
        _ => Err(Rejected { line, faults, record: value }),
    }
}
