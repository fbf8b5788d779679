//! The lines of a feed document, one at a time and never longer than a bound, so that a file of any size and content can be read.

use std::io::BufRead;

/// A record takes some hundred bytes, and its statistics are limited too.
pub(super) const LINE_BYTES_MAX: usize = 256 * 1024;
/// What is kept of a longer line, to show it.
const SHOWN_BYTES: usize = 1000;

/// A line without its end.
#[derive(Debug, PartialEq)]
pub(super) struct Line<'a> {
    /// From 1; blank lines count.
    pub number: u64,
    /// Where it begins in the file, from 0.
    pub byte: u64,
    /// Its bytes, or the beginning of a line that is too long.
    pub content: Result<&'a [u8], &'a [u8]>,
}

/// Reads lines that end in LF or CRLF; the last one may lack its end. A byte order mark is skipped, and so are blank lines.
pub(super) struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    number: u64,
    byte: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), number: 0, byte: 0 }
    }

    /// The next line that is not blank; None at the end.
    pub(super) fn next(&mut self) -> std::io::Result<Option<Line<'_>>> {
        loop {
            let (byte, number) = (self.byte, self.number + 1);
            self.buffer.clear();
            let length = self.read_line()?;
            if length == 0 {
                return Ok(None);
            }
            self.number = number;
            self.byte += length;
            if length > LINE_BYTES_MAX as u64 {
                let shown = &self.buffer[..SHOWN_BYTES.min(self.buffer.len())];
                return Ok(Some(Line { number, byte, content: Err(shown) }));
            }
            let start = if number == 1 && self.buffer.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            if !self.buffer[start..].trim_ascii().is_empty() {
                let content = self.buffer[start..].trim_ascii();
                return Ok(Some(Line { number, byte, content: Ok(content) }));
            }
        }
    }

    /// Reads to the end of the line, which is kept up to the bound; returns how many bytes were read, 0 at the end of the file.
    fn read_line(&mut self) -> std::io::Result<u64> {
        let mut length = 0;
        loop {
            let available = match self.source.fill_buf() {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                available => available?,
            };
            if available.is_empty() {
                return Ok(length);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let count = end.map_or(available.len(), |end| end + 1);
            let room = LINE_BYTES_MAX.saturating_sub(self.buffer.len());
            self.buffer.extend_from_slice(&available[..count.min(room)]);
            self.source.consume(count);
            length += count as u64;
            if end.is_some() {
                return Ok(length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// Number, byte and content of every line, read through a buffer of `buffer_bytes`.
    fn lines(text: &[u8], buffer_bytes: usize) -> Vec<(u64, u64, String)> {
        let mut lines = Lines::new(BufReader::with_capacity(buffer_bytes, text));
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let content = line.content.map_or("(too long)".into(), String::from_utf8_lossy);
            found.push((line.number, line.byte, content.into_owned()));
        }
        found
    }

    #[test]
    fn line_ends_blank_lines_and_a_byte_order_mark() {
        let text = b"\xef\xbb\xbfone\r\n\n  \t\r\ntwo\n three";
        for buffer_bytes in [1, 2, 3, 7, 100] {
            let found = lines(text, buffer_bytes);
            let expected = [(1, 0, "one"), (4, 14, "two"), (5, 18, "three")];
            assert_eq!(found, expected.map(|(number, byte, content)| (number, byte, content.to_owned())));
        }
        assert_eq!(lines(b"", 10), []);
        assert_eq!(lines(b"\n\r\n\xef\xbb\xbf", 10).len(), 1, "a mark inside the file is content");
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_whole() {
        let mut text = vec![b'x'; LINE_BYTES_MAX - 1];
        text.extend_from_slice(b"\n");
        text.extend_from_slice(&[b'y'; 3 * LINE_BYTES_MAX]);
        text.extend_from_slice(b"\nz\n");
        let found = lines(&text, 8192);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].2.len(), LINE_BYTES_MAX - 1, "the longest line");
        assert_eq!(found[1], (2, LINE_BYTES_MAX as u64, "(too long)".to_owned()));
        assert_eq!(found[2], (3, 4 * LINE_BYTES_MAX as u64 + 1, "z".to_owned()));
    }
}
