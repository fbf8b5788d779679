//! Looks at a feed file without a database: what `teelo ingest` would reject, and what it would not understand.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::archive::{self, Bounds};
use super::content::FileKind;
use super::counts::{self, Counts, NotUnderstood};
use super::documents::draw::DrawRecord;
use super::documents::results::ResultRecord;
use super::documents::schedule::ScheduleRecord;
use super::documents::{self, Kind, Record};
use super::rejects::Reject;
use crate::error::{Context, Result};

/// What was found in a file, or in several.
#[derive(Debug, Default)]
pub struct Findings {
    /// Records read.
    pub records: u64,
    /// Records that can be used.
    pub accepted: u64,
    /// Records of archives that repeat an earlier one.
    pub duplicates: u64,
    /// Records that cannot be used, by the first reason.
    pub rejected: Counts,
    /// Accepted records of which something is not understood; a level here is one that the ratings or the archive's mapping do
    /// not know.
    pub not_understood: NotUnderstood,
    /// Records with a field that means nothing, by its name.
    pub unknown_fields: Counts,
}

impl Findings {
    /// Records that cannot be used.
    pub fn rejected_sum(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Adds those of another file.
    pub fn add(&mut self, other: Self) {
        self.records += other.records;
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        counts::add_all(&mut self.rejected, &other.rejected);
        counts::add_all(&mut self.unknown_fields, &other.unknown_fields);
        self.not_understood.add(&other.not_understood);
    }
}

/// Reads the file at `path`; `each` gets every problem in order.
///
/// # Errors
/// The file cannot be read, or is nothing of the kind that its name tells.
pub fn file(path: &Path, kind: FileKind, mut each: impl FnMut(Reject)) -> Result<Findings> {
    match kind {
        FileKind::Document(Kind::Draw) => document::<DrawRecord>(path, each),
        FileKind::Document(Kind::Schedule) => document::<ScheduleRecord>(path, each),
        FileKind::Document(Kind::Results) => document::<ResultRecord>(path, each),
        FileKind::Archive(family) => {
            let archive = archive::read(path, family, Bounds::default())?;
            let mut findings = Findings {
                records: archive.counts.rows_read,
                accepted: archive.matches.len() as u64,
                duplicates: archive.counts.duplicates,
                not_understood: archive.counts.not_understood,
                ..Findings::default()
            };
            for reject in archive.rejects {
                counts::count(&mut findings.rejected, reject.reason.code());
                each(reject);
            }
            Ok(findings)
        }
    }
}

fn document<T: Record>(path: &Path, mut each: impl FnMut(Reject)) -> Result<Findings> {
    let source = BufReader::with_capacity(256 * 1024, File::open(path).context(|| "opening it")?);
    let mut rejected = Counts::new();
    let counted = documents::read::<T>(source, |_, record| {
        let Err(record) = record else { return };
        for (index, reject) in record.into_rejects().enumerate() {
            if index == 0 {
                counts::count(&mut rejected, reject.reason.code());
            }
            each(reject);
        }
    })?;
    Ok(Findings {
        records: counted.records_read,
        accepted: counted.accepted,
        duplicates: 0,
        rejected,
        not_understood: counted.not_understood,
        unknown_fields: counted.unknown_fields,
    })
}
