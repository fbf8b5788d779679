//! What a feed file is, and what is in it: one place for the two families of files, archives and documents.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use postgres::{Client, Transaction};
use time::OffsetDateTime;

use super::archive::{self, Archive};
use super::catalogue::{self, Candidates, Catalogue};
use super::delivery::{self, Delivery};
use super::documents::draw::DrawRecord;
use super::documents::results::ResultRecord;
use super::documents::schedule::ScheduleRecord;
use super::documents::{self, Kind, Record};
use super::import;
use super::levels::{Family, TOURS};
use super::outcome::Outcome;
use super::queue::Task;
use crate::error::{Error, Result};
use crate::identity::people::People;

/// What a feed file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A feed document.
    Document(Kind),
    /// A match archive.
    Archive(Family),
}

impl FileKind {
    /// What a file of this name holds; None when it is no feed file.
    pub fn of_file(name: &str) -> Option<Self> {
        Kind::of_file(name).map(Self::Document).or_else(|| Family::of_file(name).map(Self::Archive))
    }

    /// `scrape_queue.priority`: of what waits, draws come first, then orders of play, then results.
    pub fn priority(self) -> i32 {
        match self {
            Self::Document(Kind::Draw) => 3,
            Self::Document(Kind::Schedule) => 4,
            Self::Document(Kind::Results) | Self::Archive(_) => 5,
        }
    }

    /// The tours of the records in the file at `path`, separated by commas. One that cannot be told may be any.
    pub fn tours(self, path: &Path) -> String {
        let tours = match self {
            Self::Archive(family) => BTreeSet::from([family.tour()]),
            Self::Document(Kind::Draw) => tours_of::<DrawRecord>(path),
            Self::Document(Kind::Schedule) => tours_of::<ScheduleRecord>(path),
            Self::Document(Kind::Results) => tours_of::<ResultRecord>(path),
        };
        let all = if tours.is_empty() { TOURS.into_iter().collect() } else { tours };
        all.into_iter().collect::<Vec<_>>().join(",")
    }
}

fn tours_of<T: Record>(path: &Path) -> BTreeSet<&'static str> {
    let mut tours = BTreeSet::new();
    if let Ok(file) = File::open(path) {
        let each = |_, record: std::result::Result<T, _>| {
            tours.extend(record.ok().map(|record| record.event().tour))
        };
        // What is wrong with the file is told when it is ingested.
        _ = documents::read::<T>(BufReader::with_capacity(256 * 1024, file), each);
    }
    tours
}

/// The matches that a transaction wrote.
pub enum Written {
    /// Those of the staging table of this session.
    Staged,
    /// These.
    Matches(Vec<i32>),
}

impl Written {
    /// The matches; of archives also those that were there as they are.
    ///
    /// # Errors
    /// The server's.
    pub fn match_ids(&self, transaction: &mut Transaction<'_>) -> Result<Vec<i32>> {
        match self {
            Self::Matches(ids) => Ok(ids.clone()),
            Self::Staged => import::staged_match_ids(transaction),
        }
    }
}

/// Who is known, while ids are given. Used by one task at a time.
#[derive(Debug, Default)]
pub struct Known {
    candidates: Candidates,
    people: People,
}

/// The content of a task's file; its tournaments and players have their ids.
pub enum Content {
    /// A match archive.
    Archive(Archive, Catalogue),
    /// A draw.
    Draw(Delivery<DrawRecord>),
    /// An order of play.
    Schedule(Delivery<ScheduleRecord>),
    /// Results.
    Results(Delivery<ResultRecord>),
}

impl Content {
    /// Reads the task's file, and finds or makes its tournaments and players.
    ///
    /// # Errors
    /// The file cannot be read or is nothing of its kind, or the server's. Then `known` is read anew the next time.
    pub fn prepare(client: &mut Client, task: &Task, known: &mut Known, now: OffsetDateTime) -> Result<Self> {
        let content = Self::read(client, task, known, now);
        if content.is_err() {
            *known = Known::default();
        }
        content
    }

    fn read(client: &mut Client, task: &Task, known: &mut Known, now: OffsetDateTime) -> Result<Self> {
        let (path, bounds, people) = (task.params.path(), task.params.bounds(), &mut known.people);
        let kind = FileKind::of_file(&task.params.file_name)
            .ok_or_else(|| Error::failed("its name is not that of a feed file"))?;
        Ok(match kind {
            FileKind::Archive(family) => {
                let archive = archive::read(&path, family, bounds)?;
                let catalogue = catalogue::make(client, &archive, &mut known.candidates, now)?;
                Self::Archive(archive, catalogue)
            }
            FileKind::Document(Kind::Draw) => {
                Self::Draw(delivery::prepare(client, &path, bounds, people, now)?)
            }
            FileKind::Document(Kind::Schedule) => {
                Self::Schedule(delivery::prepare(client, &path, bounds, people, now)?)
            }
            FileKind::Document(Kind::Results) => {
                Self::Results(delivery::prepare(client, &path, bounds, people, now)?)
            }
        })
    }

    /// The editions to which nobody else may write meanwhile. Archives have editions of their own.
    pub fn edition_ids(&self) -> &[i32] {
        match self {
            Self::Archive(..) => &[],
            Self::Draw(delivery) => delivery.edition_ids(),
            Self::Schedule(delivery) => delivery.edition_ids(),
            Self::Results(delivery) => delivery.edition_ids(),
        }
    }

    /// Writes the matches, and completes `task`, in one transaction. `before_commit` gets the transaction, the matches that were written
    /// and what became of the records, while everything can still be taken back.
    ///
    /// # Errors
    /// The server's, or that of `before_commit`; then nothing was changed.
    pub fn write(
        &mut self,
        client: &mut Client,
        task: &Task,
        now: OffsetDateTime,
        before_commit: impl FnOnce(&mut Transaction<'_>, &Written, &Outcome) -> Result<()>,
    ) -> Result<Outcome> {
        match self {
            Self::Archive(archive, catalogue) => {
                import::run(client, task, archive, catalogue, now, |transaction, outcome| {
                    before_commit(transaction, &Written::Staged, outcome)
                })
            }
            Self::Draw(delivery) => deliver(delivery, client, task, now, before_commit),
            Self::Schedule(delivery) => deliver(delivery, client, task, now, before_commit),
            Self::Results(delivery) => deliver(delivery, client, task, now, before_commit),
        }
    }
}

fn deliver<T: Record>(
    delivery: &mut Delivery<T>,
    client: &mut Client,
    task: &Task,
    now: OffsetDateTime,
    before_commit: impl FnOnce(&mut Transaction<'_>, &Written, &Outcome) -> Result<()>,
) -> Result<Outcome> {
    delivery.write(client, task, now, |transaction, match_ids, outcome| {
        before_commit(transaction, &Written::Matches(match_ids), outcome)
    })
}
