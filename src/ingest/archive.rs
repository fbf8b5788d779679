//! A match archive (CSV in Jeff Sackmann's layout) as events, players and matches. A record that cannot be used
//! becomes a reject and never stops the file; only a file that is no archive at all is an error.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use serde::Serialize;
use sha2::{Digest, Sha256};
use time::Date;

use super::collect::Builder;
use super::counts::NotUnderstood;
use super::levels::Family;
use super::rejects::{Reason, Reject};
use super::row::Columns;
use super::score::Score;
use crate::error::{Context, Error, Result};

/// Bounds on an event's start, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// Nothing that starts before.
    pub from: Option<Date>,
    /// Nothing that starts after.
    pub until: Option<Date>,
}

impl Bounds {
    pub(super) fn contain(self, date: Date) -> bool {
        self.from.is_none_or(|from| date >= from) && self.until.is_none_or(|until| date <= until)
    }
}

/// One edition of a tournament, as `tournaments` and `tournament_editions` hold it.
#[derive(Debug, Serialize)]
pub struct Edition {
    /// Its place in the file's list.
    pub number: usize,
    pub(super) tournament_code: String,
    pub(super) name: String,
    pub(super) tour: &'static str,
    pub(super) level: String,
    pub(super) gender: &'static str,
    pub(super) surface: Option<String>,
    pub(super) year: i32,
    pub(super) start_date: Date,
    pub(super) end_date: Date,
    pub(super) draw_size: Option<i32>,
}

/// A player, as `players` holds them.
#[derive(Debug, Serialize)]
pub struct Player {
    /// Their place in the file's list.
    pub number: usize,
    /// The archive's id, unique among players of one gender.
    pub external_id: String,
    /// `men` or `women`.
    pub gender: &'static str,
    /// As first written in the file.
    pub name: String,
    pub(super) hand: Option<&'static str>,
    pub(super) height_cm: Option<i32>,
    pub(super) nationality_ioc: Option<String>,
    /// Estimated from the age, to about two months.
    #[serde(skip)]
    pub birth_date_estimate: Option<Date>,
}

/// Another spelling of a player's name.
#[derive(Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias {
    /// The player's place in the file's list.
    pub player: usize,
    /// The normalised name.
    pub alias: String,
}

/// A match, players and edition by their places in the file's lists. Side A has the smaller archive id.
#[derive(Debug)]
pub struct Match {
    /// Where its record begins: line from 1, byte from 0.
    pub line: u64,
    /// See `line`.
    pub byte: u64,
    /// `{year}_{tournament}_{round}_{id1}_{id2}`, for a real repeat with `_2`, `_3` … behind it.
    pub external_id: String,
    /// Its edition.
    pub edition: usize,
    /// The round's code.
    pub round: String,
    /// Estimated from the edition's dates and the round.
    pub date: Date,
    /// The player with the smaller archive id.
    pub player_a: usize,
    /// The other one.
    pub player_b: usize,
    /// Who won.
    pub a_won: bool,
    /// Seeds of A and B.
    pub seeds: (Option<i32>, Option<i32>),
    /// The number in its event; not unique.
    pub match_number: Option<i32>,
    /// How long it took.
    pub minutes: Option<i32>,
    /// The score as written; empty when there is none.
    pub score_text: String,
    /// The same, understood.
    pub score: Score,
    /// Serve statistics of A and B as a JSON object.
    pub statistics: Option<String>,
}

/// What was counted while reading.
#[derive(Debug, Default)]
pub struct Counts {
    /// Records in the file.
    pub rows_read: u64,
    /// Records that repeat one before them.
    pub duplicates: u64,
    /// Records outside the bounds.
    pub out_of_range: u64,
    /// Accepted records of which something is not understood; a level here is one that the mapping does not know.
    pub not_understood: NotUnderstood,
    /// Accepted records whose score stops before the end without a mark.
    pub scores_unfinished: u64,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Archive {
    /// In order of appearance.
    pub editions: Vec<Edition>,
    /// In order of appearance.
    pub players: Vec<Player>,
    /// Every spelling of every player, once.
    pub aliases: Vec<Alias>,
    /// In file order.
    pub matches: Vec<Match>,
    /// In file order.
    pub rejects: Vec<Reject>,
    /// What was counted.
    pub counts: Counts,
    /// Of what was read.
    pub size_bytes: u64,
    /// Of what was read, in hexadecimal.
    pub sha256: String,
}

/// Reads the archive at `path`.
///
/// # Errors
/// The file cannot be read, is empty, or lacks a required column.
pub fn read(path: &Path, family: Family, bounds: Bounds) -> Result<Archive> {
    let file = File::open(path).context(|| "opening it")?;
    read_from(BufReader::with_capacity(256 * 1024, file), family, bounds)
}

/// Reads an archive from `source`.
///
/// # Errors
/// As [`read`].
pub fn read_from(source: impl Read, family: Family, bounds: Bounds) -> Result<Archive> {
    let mut hashing = Hashing::new(source);
    let mut builder = Builder::new(family, bounds);
    read_records(&mut hashing, &mut builder)?;
    let mut archive = builder.finish();
    (archive.size_bytes, archive.sha256) = hashing.finish();
    Ok(archive)
}

/// The record of `found` as the rejects show it, read again from the file.
///
/// # Errors
/// The file cannot be read any more.
pub fn reread(path: &Path, found: &Match) -> Result<serde_json::Value> {
    let mut reader = csv_reader(File::open(path)?);
    let columns = Columns::find(&header(&mut reader)?)?;
    let mut position = csv::Position::new();
    position.set_byte(found.byte).set_line(found.line);
    reader.seek(position).map_err(csv_error)?;
    let mut record = ByteRecord::new();
    reader.read_byte_record(&mut record).map_err(csv_error)?;
    Ok(columns.record_json(record.iter()))
}

/// Bytes as hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn csv_reader<R: Read>(source: R) -> csv::Reader<R> {
    ReaderBuilder::new().flexible(true).from_reader(source)
}

fn csv_error(error: csv::Error) -> Error {
    Error::failed(crate::error::chain(&error))
}

/// The names in the first line.
fn header<R: Read>(reader: &mut csv::Reader<R>) -> Result<Vec<String>> {
    let header = reader.byte_headers().map_err(csv_error)?;
    let names = header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect::<Vec<_>>();
    if names.iter().all(String::is_empty) {
        return Err(Error::failed("it is empty; expected a header line that names the columns"));
    }
    Ok(names)
}

fn read_records<R: Read>(source: R, builder: &mut Builder) -> Result<()> {
    let mut reader = csv_reader(source);
    let columns = Columns::find(&header(&mut reader)?)?;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(csv_error)? {
        let place = record.position().map_or((0, 0), |position| (position.line(), position.byte()));
        builder.archive.counts.rows_read += 1;
        if record.len() != columns.count() {
            let expected = format!("{} fields, as in the header; found {}", columns.count(), record.len());
            builder.reject(&columns, &record, place.0, (Reason::FieldCount, None, expected));
            continue;
        }
        if record.as_slice().contains(&0) {
            builder.reject(&columns, &record, place.0, (Reason::InvalidText, None, "no NUL byte".to_owned()));
            continue;
        }
        match StringRecord::from_byte_record(std::mem::take(&mut record)) {
            Ok(text) => {
                builder.take(&columns, &text, place);
                record = text.into_byte_record();
            }
            Err(error) => {
                let field = error.utf8_error().field();
                let expected = format!("UTF-8; field {} is not", field + 1);
                record = error.into_byte_record();
                builder.reject(&columns, &record, place.0, (Reason::InvalidText, None, expected));
            }
        }
    }
    Ok(())
}

/// Passes a file on and hashes it.
pub(super) struct Hashing<R> {
    inner: R,
    digest: Sha256,
    bytes: u64,
}

impl<R> Hashing<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, digest: Sha256::new(), bytes: 0 }
    }

    /// The number of bytes, and their hash in hexadecimal.
    pub(super) fn finish(self) -> (u64, String) {
        (self.bytes, hexadecimal(&self.digest.finalize()))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}
