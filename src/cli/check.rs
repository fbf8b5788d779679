//! `teelo ingest --check`.

use std::fmt::Write as _;
use std::io::{BufWriter, ErrorKind, StdoutLock, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::{EXIT_DONE, EXIT_FAILED, EXIT_PARTIAL, Error, Result};
use crate::ingest::check::{self, Findings};
use crate::ingest::content::FileKind;
use crate::ingest::documents::Kind;
use crate::ingest::rejects::Reject;
use crate::report::progress::thousands;

/// Characters of a value that was found.
const FOUND_CHARACTERS: usize = 60;

/// Checks the files; returns the exit code. With `json` every problem, every file that cannot be read and the summary are a
/// JSON object a line.
///
/// # Errors
/// Usage when a name is not that of a feed file; then nothing is read.
pub(super) fn run(files: &[PathBuf], json: bool) -> Result<u8> {
    let contents = files.iter().map(|path| content(path)).collect::<Result<Vec<_>>>()?;
    let mut output = Output { writer: BufWriter::new(std::io::stdout().lock()), json };
    let (mut findings, mut files_failed) = (Findings::default(), 0_u64);
    for (path, content) in files.iter().zip(contents) {
        let mut written = Ok(());
        let found = check::file(path, content, |reject| {
            if written.is_ok() {
                written = output.problem(path, &reject);
            }
        });
        written?;
        match found {
            Ok(found) => findings.add(found),
            Err(error) => {
                files_failed += 1;
                output.file_failed(path, &error)?;
            }
        }
    }
    output.summary(files.len() as u64, files_failed, &findings)?;
    Ok(match findings.rejected_sum() {
        _ if files_failed > 0 => EXIT_FAILED,
        0 => EXIT_DONE,
        _ => EXIT_PARTIAL,
    })
}

/// What a file holds, by its name.
fn content(path: &Path) -> Result<FileKind> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    FileKind::of_file(&name).ok_or_else(|| {
        let endings = Kind::ALL.map(|kind| format!("*{}", kind.ending())).join(", ");
        Error::usage(format!(
            "--check: {:?} is not the name of a feed file; expected {endings}, or that of a match archive such as \
             atp_matches_2024.csv",
            path.display()
        ))
    })
}

/// What is printed, on standard output. A reader that went away is no error.
struct Output<'a> {
    writer: BufWriter<StdoutLock<'a>>,
    json: bool,
}

impl Output<'_> {
    fn line(&mut self, line: &str) -> Result<()> {
        match writeln!(self.writer, "{line}") {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn problem(&mut self, path: &Path, reject: &Reject) -> Result<()> {
        if self.json {
            let line = json!({
                "type": "problem",
                "file": path.display().to_string(),
                "line": reject.line,
                "reason": reject.reason.code(),
                "field": reject.field,
                "expected": reject.expected,
                "record": reject.record,
            });
            return self.line(&line.to_string());
        }
        let mut line = format!("{}:{}: ", path.display(), reject.line);
        if let Some(field) = reject.field {
            // Writing to a String cannot fail.
            _ = write!(line, "{field}: ");
        }
        _ = write!(line, "expected {}", reject.expected);
        if let Some(found) = found(reject) {
            _ = write!(line, "; found {found}");
        }
        _ = write!(line, " [{}]", reject.reason.code());
        self.line(&line)
    }

    fn file_failed(&mut self, path: &Path, error: &Error) -> Result<()> {
        if self.json {
            let line = json!({
                "type": "file_failed",
                "file": path.display().to_string(),
                "error": error.to_string(),
            });
            return self.line(&line.to_string());
        }
        self.line(&format!("{}: {error}", path.display()))
    }

    fn summary(&mut self, files: u64, files_failed: u64, findings: &Findings) -> Result<()> {
        if self.json {
            let line = json!({
                "type": "summary",
                "files": files,
                "files_failed": files_failed,
                "records": findings.records,
                "accepted": findings.accepted,
                "duplicates": findings.duplicates,
                "rejected": findings.rejected,
                "unknown_levels": findings.not_understood.levels,
                "unknown_rounds": findings.not_understood.rounds,
                "scores_not_understood": findings.not_understood.scores,
                "unknown_fields": findings.unknown_fields,
            });
            self.line(&line.to_string())?;
        } else {
            self.notes(findings)?;
            self.line(&summary_line(files, files_failed, findings))?;
        }
        match self.writer.flush() {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// What is no problem, and yet worth a look.
    fn notes(&mut self, findings: &Findings) -> Result<()> {
        let notes = [
            ("fields that mean nothing here and are ignored", &findings.unknown_fields),
            ("levels that are not in the table, rated like an ATP 250", &findings.not_understood.levels),
            ("rounds that are not in the table", &findings.not_understood.rounds),
            ("scores that are kept as text only", &findings.not_understood.scores),
        ];
        for (what, counts) in notes {
            if !counts.is_empty() {
                let list = counts.iter().map(|(name, number)| format!("{name} ({})", thousands(*number)));
                self.line(&format!("note: {what}: {}", list.collect::<Vec<_>>().join(", ")))?;
            }
        }
        Ok(())
    }
}

/// The value that was found in the field, as JSON.
fn found(reject: &Reject) -> Option<String> {
    let value = reject.record.get(reject.field?).filter(|value| !value.is_null())?;
    let text = value.to_string();
    match value {
        Value::Array(_) => Some("an array".to_owned()),
        Value::Object(_) => Some("an object".to_owned()),
        _ if text.chars().count() > FOUND_CHARACTERS => {
            Some(text.chars().take(FOUND_CHARACTERS).chain("…".chars()).collect())
        }
        _ => Some(text),
    }
}

fn summary_line(files: u64, files_failed: u64, findings: &Findings) -> String {
    let counted = |number: u64, noun: &str| {
        format!("{} {noun}{}", thousands(number), if number == 1 { "" } else { "s" })
    };
    let mut line = format!(
        "check: {}, {}: {} accepted, {} rejected",
        counted(files, "file"),
        counted(findings.records, "record"),
        thousands(findings.accepted),
        thousands(findings.rejected_sum()),
    );
    if !findings.rejected.is_empty() {
        let list =
            findings.rejected.iter().map(|(reason, number)| format!("{} {reason}", thousands(*number)));
        _ = write!(line, " ({})", list.collect::<Vec<_>>().join(", "));
    }
    if findings.duplicates > 0 {
        _ = write!(line, ", {}", counted(findings.duplicates, "duplicate"));
    }
    if files_failed > 0 {
        _ = write!(line, "; {} cannot be read", thousands(files_failed));
    }
    line
}
