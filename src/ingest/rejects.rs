//! Records that cannot be used: each is written down with its place and reason, and never stops its file.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::error::{Context, Result};
use crate::pipeline::status_log::timestamp;

/// Why a record is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Bytes that are not UTF-8, or a NUL.
    InvalidText,
    /// More or fewer fields than the header names: a truncated line, or a stray comma or quote.
    FieldCount,
    /// A required field is empty.
    MissingField,
    /// A field's value is not what it must be.
    BadField,
    /// The archive's placeholder for somebody whom nobody knows.
    UnknownPlayer,
    /// Winner and loser are the same player.
    SamePlayer,
    /// The same two players again in a knock-out round, with another result.
    ConflictingRepeat,
    /// A line of a feed document that is no JSON.
    NotJson,
    /// A line of a feed document that is JSON, but no object.
    NotObject,
    /// A line of a feed document that is longer than any record.
    LineTooLong,
    /// A field's value is of another JSON type.
    WrongType,
    /// A text is longer than the database holds.
    TooLong,
    /// Two fields of the record cannot both be true.
    Contradiction,
    /// The winner's name is neither player's, or fits both.
    UnknownWinner,
    /// Nobody can tell who a player is: `teelo identities` waits for a decision, and the file is read again then.
    PlayerQueued,
    /// A person decided that a player is nobody.
    PlayerIgnored,
    /// The match's id is that of a match of other players.
    ConflictingId,
}

impl Reason {
    /// The code in `rejects.jsonl` and in the metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidText => "invalid_text",
            Self::FieldCount => "field_count",
            Self::MissingField => "missing_field",
            Self::BadField => "bad_field",
            Self::UnknownPlayer => "unknown_player",
            Self::SamePlayer => "same_player",
            Self::ConflictingRepeat => "conflicting_repeat",
            Self::NotJson => "not_json",
            Self::NotObject => "not_object",
            Self::LineTooLong => "line_too_long",
            Self::WrongType => "wrong_type",
            Self::TooLong => "too_long",
            Self::Contradiction => "contradiction",
            Self::UnknownWinner => "unknown_winner",
            Self::PlayerQueued => "player_queued",
            Self::PlayerIgnored => "player_ignored",
            Self::ConflictingId => "conflicting_id",
        }
    }
}

/// A record that cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Reject {
    /// The line on which the record begins, from 1.
    pub line: u64,
    /// Why.
    pub reason: Reason,
    /// The field in question, when it is one.
    pub field: Option<&'static str>,
    /// What was expected, for a person.
    pub expected: String,
    /// The record: an object of its fields by name, else the list of them.
    pub record: Value,
}

/// The file of rejected records, `rejects.jsonl`; made when the first one comes.
#[derive(Debug)]
pub struct RejectLog {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl RejectLog {
    /// A log that will append to the file at `path`.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: None }
    }

    /// Appends the rejected records of one file, one JSON object a line.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn append(&mut self, source: &Path, rejects: &[Reject], now: OffsetDateTime) -> Result<()> {
        if rejects.is_empty() {
            return Ok(());
        }
        let place = || format!("writing {}", self.path.display());
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    std::fs::create_dir_all(folder).context(place)?;
                }
                let file = OpenOptions::new().create(true).append(true).open(&self.path).context(place)?;
                self.file.insert(BufWriter::new(file))
            }
        };
        for reject in rejects {
            let line = json!({
                "at": timestamp(now),
                "file": source.display().to_string(),
                "line": reject.line,
                "reason": reject.reason.code(),
                "field": reject.field,
                "expected": reject.expected,
                "record": reject.record,
            });
            writeln!(file, "{line}").context(place)?;
        }
        file.flush().context(place)
    }
}
