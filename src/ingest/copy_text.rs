//! Rows for COPY … FROM STDIN in text format, encoded by ourselves into large chunks: the driver's row writer
//! enters its runtime once a row.

use std::fmt::{Display, Write as _};
use std::io::Write;

use crate::error::Result;

/// A chunk is handed to the driver when it has grown to this: large enough to make the hand-over cheap, small
/// enough to keep memory flat.
const CHUNK_BYTES: usize = 256 * 1024;

/// Encodes rows into `target`.
pub struct CopyText<W: Write> {
    target: W,
    chunk: String,
    first_in_row: bool,
}

impl<W: Write> CopyText<W> {
    /// An encoder that writes to `target`.
    pub fn new(target: W) -> Self {
        Self { target, chunk: String::with_capacity(CHUNK_BYTES + 4096), first_in_row: true }
    }

    /// A value whose text needs no escaping: a number, a date, a boolean. None is NULL.
    pub fn plain(&mut self, value: Option<impl Display>) -> &mut Self {
        self.separate();
        match value {
            // Writing to a String cannot fail.
            Some(value) => _ = write!(self.chunk, "{value}"),
            None => self.chunk.push_str("\\N"),
        }
        self
    }

    /// Any text. None is NULL.
    pub fn text(&mut self, value: Option<&str>) -> &mut Self {
        self.separate();
        let Some(value) = value else {
            self.chunk.push_str("\\N");
            return self;
        };
        for letter in value.chars() {
            match letter {
                '\\' => self.chunk.push_str("\\\\"),
                '\n' => self.chunk.push_str("\\n"),
                '\r' => self.chunk.push_str("\\r"),
                '\t' => self.chunk.push_str("\\t"),
                other => self.chunk.push(other),
            }
        }
        self
    }

    /// Ends the row.
    ///
    /// # Errors
    /// The target's.
    pub fn end_row(&mut self) -> Result<()> {
        self.chunk.push('\n');
        self.first_in_row = true;
        if self.chunk.len() >= CHUNK_BYTES { self.flush() } else { Ok(()) }
    }

    /// Hands over what is left and returns the target.
    ///
    /// # Errors
    /// The target's.
    pub fn finish(mut self) -> Result<W> {
        self.flush()?;
        Ok(self.target)
    }

    fn flush(&mut self) -> Result<()> {
        self.target.write_all(self.chunk.as_bytes())?;
        self.chunk.clear();
        Ok(())
    }

    fn separate(&mut self) {
        if !self.first_in_row {
            self.chunk.push('\t');
        }
        self.first_in_row = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_as_copy_reads_them() {
        let mut rows = CopyText::new(Vec::new());
        rows.plain(Some(7))
            .plain(None::<i32>)
            .text(Some("a\tb\\N\nc\rd"))
            .text(None)
            .text(Some(""))
            .end_row()
            .unwrap();
        rows.text(Some("\\.")).end_row().unwrap();
        let text = String::from_utf8(rows.finish().unwrap()).unwrap();
        assert_eq!(text, "7\t\\N\ta\\tb\\\\N\\nc\\rd\t\\N\t\n\\\\.\n");
    }

    #[test]
    fn long_input_arrives_whole() {
        let mut rows = CopyText::new(Vec::new());
        for number in 0..100_000 {
            rows.plain(Some(number)).text(Some("x")).end_row().unwrap();
        }
        let bytes = rows.finish().unwrap();
        assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 100_000);
        assert!(bytes.ends_with(b"99999\tx\n"));
    }
}
