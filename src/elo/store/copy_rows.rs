//! Reads what `COPY (…) TO STDOUT (FORMAT binary)` sends, row by row, in memory for one row, without an allocation
//! a row. The driver's own rows cost several allocations each, and look their columns up by name.
//!
//! ```text
//! const COLUMNS: &[&str] = &["id", "match_date", "score_structured"]; // as the statement selects them
//! let mut rows = CopyRows::new(client.copy_out(include_str!("….sql"))?, COLUMNS);
//! while let Some(mut row) = rows.next_row()? {
//!     let id: i32 = row.take()?; // in the statement's order
//!     let Day(day) = row.take_or_null()?.unwrap_or(Day(None));
//! }
//! ```
//!
//! A statement cannot have parameters inside COPY. Every error names the row and the column; the server's own errors
//! stay the server's. Whatever the bytes are, nothing panics.

use std::io::BufRead;

use crate::error::{Context, Error, Result};

/// What a binary COPY begins with.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Flags that a reader has to know; there are none that this one knows. (Bit 16: the rows carry object ids, which
/// servers sent up to version 11.)
const CRITICAL_FLAGS: u32 = 0xffff_0000;
/// Stands for the number of columns after the last row.
const END_MARK: i16 = -1;
/// Stands for the length of null.
const NULL_LENGTH: i32 = -1;

/// A type of which values can be read from a field.
pub trait Field<'a>: Sized {
    /// What the bytes have to be, for the error.
    const EXPECTED: &'static str;

    /// The value; None when the bytes are none.
    fn read(bytes: &'a [u8]) -> Option<Self>;
}

/// The rows of a binary COPY.
#[derive(Debug)]
pub struct CopyRows<R> {
    reader: R,
    columns: &'static [&'static str],
    /// What was read and not yet used up: the row given out last, and what came with it.
    buffer: Vec<u8>,
    /// Where in the buffer the next row begins.
    next: usize,
    /// How many rows were given out.
    rows: u64,
    /// The header was read.
    begun: bool,
    /// The end mark was read.
    ended: bool,
}

/// A row; its fields are taken one after the other.
#[derive(Debug)]
pub struct CopyRow<'a> {
    /// The fields not yet taken. They were measured before: every length stands and fits.
    rest: &'a [u8],
    columns: &'static [&'static str],
    /// How many fields were taken.
    taken: usize,
    number: u64,
}

impl<R: BufRead> CopyRows<R> {
    /// The rows in `reader`, which have these columns.
    pub fn new(reader: R, columns: &'static [&'static str]) -> Self {
        Self { reader, columns, buffer: Vec::new(), next: 0, rows: 0, begun: false, ended: false }
    }

    /// The next row; None after the last.
    ///
    /// # Errors
    /// The server's; or the bytes are no binary COPY, have other columns, or end too early.
    pub fn next_row(&mut self) -> Result<Option<CopyRow<'_>>> {
        if !self.begun {
            self.begun = true;
            self.read_header()?;
        }
        if self.ended {
            return Ok(None);
        }
        let end = loop {
            match row_length(&self.buffer[self.next..], self.columns.len()) {
                Length::Row(length) => break self.next + length,
                Length::Unfinished => self.read_more()?,
                Length::End => {
                    self.ended = true;
                    return self.read_end().map(|()| None);
                }
                Length::Wrong(what) => return Err(self.wrong(what)),
            }
        };
        let fields = self.next + 2..end;
        self.next = end;
        self.rows += 1;
        Ok(Some(CopyRow { rest: &self.buffer[fields], columns: self.columns, taken: 0, number: self.rows }))
    }

    /// Signature, flags, and an extension that readers skip.
    fn read_header(&mut self) -> Result<()> {
        let flags_at = SIGNATURE.len();
        let extension_at = flags_at + 8;
        while self.buffer.len() < extension_at {
            self.read_more()?;
        }
        if !self.buffer.starts_with(SIGNATURE) {
            return Err(self.wrong("does not begin as a binary COPY does".to_owned()));
        }
        let (flags, rest) = split_u32(&self.buffer[flags_at..]).unwrap_or_default();
        if flags & CRITICAL_FLAGS != 0 {
            return Err(self.wrong(format!("has the flags {flags:#x}, which teelo does not know")));
        }
        let extension = split_u32(rest).unwrap_or_default().0 as usize;
        while self.buffer.len() - extension_at < extension {
            self.read_more()?;
        }
        self.next = extension_at + extension;
        Ok(())
    }

    /// Adds a chunk to the buffer, and drops what is used up.
    fn read_more(&mut self) -> Result<()> {
        self.buffer.drain(..self.next);
        self.next = 0;
        let chunk = self.reader.fill_buf().context(|| "reading from the server")?;
        let length = chunk.len();
        self.buffer.extend_from_slice(chunk);
        self.reader.consume(length);
        if length == 0 { Err(self.wrong("ends too early".to_owned())) } else { Ok(()) }
    }

    /// After the end mark nothing may follow.
    fn read_end(&mut self) -> Result<()> {
        let follows = self.buffer.len() > self.next + 2
            || !self.reader.fill_buf().context(|| "reading from the server")?.is_empty();
        if follows { Err(self.wrong("goes on after its end".to_owned())) } else { Ok(()) }
    }

    #[cold]
    fn wrong(&self, what: String) -> Error {
        Error::failed(format!("the server's COPY {what} (after row {})", self.rows))
    }
}

/// What the next bytes are.
enum Length {
    /// A whole row of so many bytes.
    Row(usize),
    /// The beginning of a row or of the end mark.
    Unfinished,
    /// The end mark.
    End,
    /// Not what a COPY sends.
    Wrong(String),
}

/// Measures the row at the beginning of `bytes`.
fn row_length(bytes: &[u8], columns: usize) -> Length {
    let Some((count, mut rest)) = bytes.split_first_chunk() else { return Length::Unfinished };
    let count = i16::from_be_bytes(*count);
    if count == END_MARK {
        return Length::End;
    }
    if usize::try_from(count) != Ok(columns) {
        return Length::Wrong(format!("has a row of {count} columns, expected {columns}"));
    }
    for _ in 0..columns {
        let Some((length, after)) = rest.split_first_chunk() else { return Length::Unfinished };
        let length = match i32::from_be_bytes(*length) {
            NULL_LENGTH => 0,
            length => match usize::try_from(length) {
                Ok(length) => length,
                Err(_) => return Length::Wrong(format!("has a field of {length} bytes")),
            },
        };
        let Some(after) = after.get(length..) else { return Length::Unfinished };
        rest = after;
    }
    Length::Row(bytes.len() - rest.len())
}

fn split_u32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*number), rest))
}

impl<'a> CopyRow<'a> {
    /// The next field.
    ///
    /// # Errors
    /// It is null, or not a `T`; or there is none.
    pub fn take<T: Field<'a>>(&mut self) -> Result<T> {
        match self.take_or_null()? {
            Some(value) => Ok(value),
            None => Err(self.wrong(&format!("null, expected {}", T::EXPECTED))),
        }
    }

    /// The next field; None: null.
    ///
    /// # Errors
    /// It is not a `T`; or there is none.
    pub fn take_or_null<T: Field<'a>>(&mut self) -> Result<Option<T>> {
        let Some((length, rest)) = self.rest.split_first_chunk() else {
            return Err(Error::failed(format!("row {} has only {} columns", self.number, self.taken)));
        };
        self.taken += 1;
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            self.rest = rest;
            return Ok(None);
        };
        let (bytes, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        self.rest = rest;
        match T::read(bytes) {
            Some(value) => Ok(Some(value)),
            None => Err(self.wrong(&format!("{length} bytes that are not {}", T::EXPECTED))),
        }
    }

    /// What is wrong with the field taken last.
    #[cold]
    fn wrong(&self, what: &str) -> Error {
        let column = self.columns.get(self.taken - 1).unwrap_or(&"?");
        Error::failed(format!("row {} of the server's COPY, column {column}: {what}", self.number))
    }
}

impl Field<'_> for i32 {
    const EXPECTED: &'static str = "an integer of 4 bytes";

    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Field<'_> for i64 {
    const EXPECTED: &'static str = "an integer of 8 bytes";

    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Field<'_> for bool {
    const EXPECTED: &'static str = "a boolean";

    fn read(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

impl<'a> Field<'a> for &'a str {
    const EXPECTED: &'static str = "text in UTF-8";

    fn read(bytes: &'a [u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use super::*;

    const COLUMNS: &[&str] = &["id", "place", "name", "done"];

    /// Three rows: all values, nulls, an empty text.
    fn copied() -> Vec<u8> {
        let mut bytes = header(0, b"");
        row(
            &mut bytes,
            &[Some(&7_i32.to_be_bytes()), Some(&9_i64.to_be_bytes()), Some(b"caf\xc3\xa9"), Some(&[1])],
        );
        row(&mut bytes, &[Some(&(-7_i32).to_be_bytes()), None, None, Some(&[0])]);
        row(
            &mut bytes,
            &[Some(&i32::MAX.to_be_bytes()), Some(&i64::MIN.to_be_bytes()), Some(b""), Some(&[1])],
        );
        bytes.extend(END_MARK.to_be_bytes());
        bytes
    }

    fn header(flags: u32, extension: &[u8]) -> Vec<u8> {
        let length = u32::try_from(extension.len()).unwrap();
        [SIGNATURE, &flags.to_be_bytes(), &length.to_be_bytes(), extension].concat()
    }

    fn row(bytes: &mut Vec<u8>, fields: &[Option<&[u8]>]) {
        bytes.extend(i16::try_from(fields.len()).unwrap().to_be_bytes());
        for field in fields {
            let length = field.map_or(NULL_LENGTH, |field| i32::try_from(field.len()).unwrap());
            bytes.extend(length.to_be_bytes());
            bytes.extend(field.unwrap_or_default());
        }
    }

    type Read4 = (i32, Option<i64>, Option<String>, bool);

    fn read_all(reader: impl BufRead) -> Result<Vec<Read4>> {
        let mut rows = CopyRows::new(reader, COLUMNS);
        let mut read = Vec::new();
        while let Some(mut row) = rows.next_row()? {
            let (id, place) = (row.take()?, row.take_or_null()?);
            let name = row.take_or_null::<&str>()?.map(str::to_owned);
            read.push((id, place, name, row.take()?));
        }
        assert!(rows.next_row()?.is_none(), "after the end nothing comes");
        Ok(read)
    }

    #[test]
    fn rows_are_read_however_they_are_cut() {
        let expected = [
            (7, Some(9), Some("café".to_owned()), true),
            (-7, None, None, false),
            (i32::MAX, Some(i64::MIN), Some(String::new()), true),
        ];
        let bytes = copied();
        for chunk in 1..=bytes.len() {
            let read = read_all(BufReader::with_capacity(chunk, bytes.as_slice())).unwrap();
            assert_eq!(read, expected, "in chunks of {chunk} bytes");
        }
    }

    #[test]
    fn fields_that_nobody_takes_are_skipped() {
        let bytes = copied();
        let mut rows = CopyRows::new(bytes.as_slice(), COLUMNS);
        let mut ids = Vec::new();
        while let Some(mut row) = rows.next_row().unwrap() {
            ids.push(row.take::<i32>().unwrap());
        }
        assert_eq!(ids, [7, -7, i32::MAX]);
    }

    #[test]
    fn whatever_is_cut_off_or_added_is_noticed() {
        let bytes = copied();
        for length in 0..bytes.len() {
            let message = read_all(&bytes[..length]).unwrap_err().to_string();
            assert!(message.contains("ends too early"), "{length} bytes: {message}");
        }
        for chunk in [1, 4096] {
            let reader = BufReader::with_capacity(chunk, bytes.as_slice().chain(&b"x"[..]));
            let message = read_all(reader).unwrap_err().to_string();
            assert!(message.contains("goes on after its end (after row 3)"), "{message}");
        }
    }

    #[test]
    fn no_wrong_byte_panics() {
        let bytes = copied();
        for at in 0..bytes.len() {
            for value in 0..=u8::MAX {
                let mut wrong = bytes.clone();
                wrong[at] = value;
                let _ = read_all(wrong.as_slice());
            }
        }
    }

    #[test]
    fn the_header_is_checked() {
        let rest = &copied()[header(0, b"").len()..];
        let read = |header: Vec<u8>| read_all([&header, rest].concat().as_slice());
        assert_eq!(read(header(1, b"extension")).unwrap().len(), 3);
        let message = read(header(1 << 16, b"")).unwrap_err().to_string();
        assert!(message.contains("flags 0x10000"), "{message}");
        let message = read(vec![b'P'; 19]).unwrap_err().to_string();
        assert!(message.contains("does not begin as a binary COPY"), "{message}");
    }

    #[test]
    fn errors_name_row_and_column() {
        let error = |fields: &[Option<&[u8]>]| {
            let mut bytes = copied();
            bytes.truncate(bytes.len() - 2);
            row(&mut bytes, fields);
            bytes.extend(END_MARK.to_be_bytes());
            read_all(bytes.as_slice()).unwrap_err().to_string()
        };
        let (one, text): (&[u8], &[u8]) = (&[0, 0, 0, 1], b"x");
        assert_eq!(
            error(&[None, None, None, Some(&[1])]),
            "row 4 of the server's COPY, column id: null, expected an integer of 4 bytes"
        );
        assert_eq!(
            error(&[Some(one), Some(one), None, Some(&[1])]),
            "row 4 of the server's COPY, column place: 4 bytes that are not an integer of 8 bytes"
        );
        assert_eq!(
            error(&[Some(one), None, Some(b"\xff"), Some(&[1])]),
            "row 4 of the server's COPY, column name: 1 bytes that are not text in UTF-8"
        );
        assert_eq!(
            error(&[Some(one), None, Some(text), Some(&[2])]),
            "row 4 of the server's COPY, column done: 1 bytes that are not a boolean"
        );
        assert_eq!(
            error(&[Some(one), None, Some(text)]),
            "the server's COPY has a row of 3 columns, expected 4 (after row 3)"
        );
    }

    #[test]
    fn a_field_beyond_the_last_is_an_error() {
        let bytes = copied();
        let mut rows = CopyRows::new(bytes.as_slice(), COLUMNS);
        let mut row = rows.next_row().unwrap().unwrap();
        for _ in COLUMNS {
            row.take_or_null::<&str>().ok();
        }
        assert!(row.take::<i32>().unwrap_err().to_string().contains("row 1 has only 4 columns"));
    }
}
