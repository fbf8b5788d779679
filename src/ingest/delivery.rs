//! A feed document comes into the database, in two steps. [`prepare`] reads it and gives its tournaments and players their ids, in the
//! order of the tasks, so that everybody is made once; [`write`] brings the matches in line with its records, under locks on its
//! editions, in one transaction with the note that the file is ingested and its task done.

use std::collections::HashMap;
use std::path::Path;

use postgres::{Client, IsolationLevel, Transaction};
use time::OffsetDateTime;

use super::archive::Bounds;
use super::book_store;
use super::bracket::{Applied, Book};
use super::documents::entrant::{Entrant, match_external_id};
use super::documents::event::{Event, Gender, Source};
use super::documents::{self, Document, Position, Record};
use super::editions::Editions;
use super::note;
use super::outcome::Outcome;
use super::queue::Task;
use super::rejects::{Reason, Reject};
use crate::error::{Context, Result};
use crate::identity::people::People;
use crate::identity::resolve::{Answer, Asked, Resolved, resolve};

/// A document whose tournaments and players are known.
pub struct Delivery<T> {
    document: Document<T>,
    editions: Editions,
    /// Place in the document's records, place in the editions, players.
    usable: Vec<(usize, usize, Vec<i32>)>,
    /// What became of the records so far.
    outcome: Outcome,
}

/// Whom a record names: place in `asked`, by source, gender, name and id.
type Key = (Source, Gender, String, Option<String>);

/// A record: its place in the document, that of its edition, those of its players' names.
type Named = (usize, usize, Vec<usize>);

/// Reads the document at `path`, and finds or makes its tournaments and players, in one transaction. After an error `people` must not be
/// used again.
///
/// # Errors
/// The file cannot be read or is no document, or the server's.
pub fn prepare<T: Record>(
    client: &mut Client,
    path: &Path,
    bounds: Bounds,
    people: &mut People,
    now: OffsetDateTime,
) -> Result<Delivery<T>> {
    let mut document = documents::read_file::<T>(path)?;
    let mut outcome = Outcome {
        rows_read: document.counts.records_read,
        not_understood: std::mem::take(&mut document.counts.not_understood),
        rejects: std::mem::take(&mut document.rejects),
        ..Outcome::default()
    };
    let mut editions = Editions::default();
    let (mut asked, mut places) = (Vec::new(), HashMap::new());
    let mut named: Vec<Named> = Vec::new();
    for (place, (_, record)) in document.records.iter().enumerate() {
        let event = record.event();
        if event.start_date.is_some_and(|start| !bounds.contain(start)) {
            outcome.out_of_range += 1;
            continue;
        }
        let edition = editions.note(event);
        let names = ask(record, &mut asked, &mut places);
        named.push((place, edition, names));
    }
    let mut transaction = client.transaction()?;
    editions.make(&mut transaction, now)?;
    let resolved = resolve(&mut transaction, people, &asked, now)?;
    transaction.commit().context(|| "making tournaments and players")?;
    outcome.tournaments_created = editions.tournaments_created;
    outcome.editions_created = editions.editions_created;
    outcome.levels_kept = std::mem::take(&mut editions.levels_kept);
    outcome.players_created = resolved.created;
    outcome.players_linked = resolved.linked;
    outcome.reviews_created = resolved.queued;
    let usable = take_usable(&mut document, named, &asked, &resolved, &mut outcome)?;
    Ok(Delivery { document, editions, usable, outcome })
}

/// The match's id that follows from the players, when the record gives both of their ids.
fn derived_id<T: Record>(record: &T) -> Option<String> {
    let event = record.event();
    match record.entrants().as_slice() {
        [Entrant { external_id: Some(one), .. }, Entrant { external_id: Some(two), .. }] => {
            Some(match_external_id(event.year, &event.code, record.round(), [one, two]))
        }
        _ => None,
    }
}

/// Notes the names of a record in `asked`, each once; returns their places.
fn ask<T: Record>(record: &T, asked: &mut Vec<Asked>, places: &mut HashMap<Key, usize>) -> Vec<usize> {
    let event = record.event();
    let entrants = record.entrants();
    let match_id = derived_id(record);
    let mut ask_one = |entrant: &Entrant| {
        let key = (event.source, event.gender, entrant.normalised.clone(), entrant.external_id.clone());
        *places.entry(key).or_insert_with(|| {
            asked.push(one_asked(event, entrant, match_id.clone()));
            asked.len() - 1
        })
    };
    entrants.iter().map(|entrant| ask_one(entrant)).collect()
}

fn one_asked(event: &Event, entrant: &Entrant, match_external_id: Option<String>) -> Asked {
    Asked {
        source: event.source,
        gender: event.gender,
        name: entrant.name.clone(),
        normalised: entrant.normalised.clone(),
        external_id: entrant.external_id.clone(),
        nationality: entrant.nationality.clone(),
        tournament: event.name.clone(),
        match_external_id,
    }
}

/// The records of which every player is known; the others are rejected.
fn take_usable<T: Record>(
    document: &mut Document<T>,
    named: Vec<Named>,
    asked: &[Asked],
    resolved: &Resolved,
    outcome: &mut Outcome,
) -> Result<Vec<(usize, usize, Vec<i32>)>> {
    let mut usable = Vec::with_capacity(named.len());
    for (place, edition, names) in named {
        let (mut players, mut fault) = (Vec::with_capacity(names.len()), None);
        for name in names {
            match resolved.answers[name] {
                Answer::Player(player) => players.push(player),
                Answer::Queued(entry) => {
                    outcome.review_ids.push(entry);
                    let expected = format!(
                        "a player of whom one can tell who it is; {:?} waits as entry {entry}: teelo identities",
                        asked[name].name
                    );
                    fault = fault.or(Some((Reason::PlayerQueued, expected)));
                }
                Answer::Ignored(entry) => {
                    let expected = format!(
                        "a player; {:?} is nobody, as decided in entry {entry} of player_review_queue",
                        asked[name].name
                    );
                    fault = fault.or(Some((Reason::PlayerIgnored, expected)));
                }
            }
        }
        if let [a, b] = players.as_slice()
            && a == b
        {
            let expected = format!("two different players; both names are player {a}");
            fault = fault.or(Some((Reason::SamePlayer, expected)));
        }
        match fault {
            None => usable.push((place, edition, players)),
            Some((reason, expected)) => {
                let position = document.records[place].0;
                outcome.rejects.push(reject(document, position, reason, expected)?);
            }
        }
    }
    outcome.review_ids.sort_unstable();
    outcome.review_ids.dedup();
    Ok(usable)
}

fn reject<T>(
    document: &mut Document<T>,
    position: Position,
    reason: Reason,
    expected: String,
) -> Result<Reject> {
    let record = document.record_json(position).context(|| "reading a record again")?;
    Ok(Reject { line: position.line, reason, field: None, expected, record })
}

impl<T: Record> Delivery<T> {
    /// The rows of the document's editions.
    pub fn edition_ids(&self) -> &[i32] {
        &self.editions.ids
    }

    /// Brings the matches in line with the records, and completes `task`. `before_commit` gets the transaction, the matches that were
    /// written and what became of the records, while everything can still be taken back.
    ///
    /// # Errors
    /// The server's, or that of `before_commit`; then nothing was changed, and the same call may fare better when the error is
    /// retryable.
    pub fn write(
        &mut self,
        client: &mut Client,
        task: &Task,
        now: OffsetDateTime,
        before_commit: impl FnOnce(&mut Transaction<'_>, Vec<i32>, &Outcome) -> Result<()>,
    ) -> Result<Outcome> {
        // What another program changes after we looked makes the transaction fail, and it is done again.
        let mut transaction =
            client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).start()?;
        let mut outcome = self.outcome.clone();
        let mut match_ids = Vec::new();
        if !self.usable.is_empty() {
            let (external_ids, players) = self.mentioned();
            let (mut book, stored) =
                book_store::read(&mut transaction, &self.editions, &external_ids, &players)?;
            self.apply(&mut book, &mut outcome)?;
            let written = book_store::write(&mut transaction, &mut book, &stored, now)?;
            outcome.superseded = book.superseded;
            outcome.inserted = written.inserted;
            outcome.updated = written.updated;
            outcome.unchanged = written.unchanged;
            match_ids = written.match_ids;
        }
        outcome.rejects.sort_by_key(|reject| reject.line);
        let content = (self.document.size_bytes, self.document.sha256.as_str());
        note::finish(&mut transaction, task, content, &outcome, now)?;
        before_commit(&mut transaction, match_ids, &outcome)?;
        transaction.commit().context(|| "committing")?;
        Ok(outcome)
    }

    /// The ids of matches that the records may mean, and the players whom they name.
    fn mentioned(&self) -> (Vec<String>, Vec<i32>) {
        let records = self.usable.iter().map(|(place, ..)| &self.document.records[*place].1);
        let ids_of = |record: &T| [record.match_id().map(str::to_owned), derived_id(record)];
        let external_ids = records.flat_map(ids_of).flatten().collect();
        let players = self.usable.iter().flat_map(|(_, _, players)| players.iter().copied()).collect();
        (external_ids, players)
    }

    /// Says in the book what the records say.
    fn apply(&mut self, book: &mut Book, outcome: &mut Outcome) -> Result<()> {
        for (place, edition, players) in &self.usable {
            let (position, record) = &self.document.records[*place];
            match record.apply(book, self.editions.ids[*edition], players) {
                Applied::Taken => {}
                Applied::Waiting => outcome.waiting += 1,
                Applied::Refused(reason, expected) => {
                    let position = *position;
                    outcome.rejects.push(reject(&mut self.document, position, reason, expected)?);
                }
            }
        }
        Ok(())
    }
}
