//! `--status-jsonl`: one JSON object a line, appended as things happen, for whoever watches a stage.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::{Context, Result};

/// `now` as RFC 3339 in UTC, whole seconds: `2026-01-02T03:04:05Z`.
pub fn timestamp(now: OffsetDateTime) -> String {
    let whole = now.to_offset(time::UtcOffset::UTC).replace_nanosecond(0).unwrap_or(now);
    whole.format(&Rfc3339).unwrap_or_default()
}

/// A file of events, or nothing when the user asked for none.
#[derive(Debug, Default)]
pub struct StatusLog {
    file: Option<File>,
    stage: String,
}

impl StatusLog {
    /// Appends to the file at `path`; `None` drops every event.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(path: Option<&Path>, stage: &str) -> Result<Self> {
        let file = path
            .map(|path| {
                if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    std::fs::create_dir_all(folder)?;
                }
                OpenOptions::new().create(true).append(true).open(path)
            })
            .transpose()
            .context(|| format!("opening {}", path.unwrap_or(Path::new("")).display()))?;
        Ok(Self { file, stage: stage.to_owned() })
    }

    /// Appends one event with the fields of `data` (an object). A full disk must not stop a stage: a failure
    /// is logged and the log stays closed from then on.
    pub fn event(&mut self, event: &str, data: Value) {
        let Some(file) = self.file.as_mut() else { return };
        let mut line = Map::new();
        line.insert("at".to_owned(), json!(timestamp(OffsetDateTime::now_utc())));
        line.insert("stage".to_owned(), json!(self.stage));
        line.insert("event".to_owned(), json!(event));
        if let Value::Object(fields) = data {
            line.extend(fields);
        }
        if let Err(error) = writeln!(file, "{}", Value::Object(line)) {
            log::warn!("the status log cannot be written any more: {error}");
            self.file = None;
        }
    }
}
