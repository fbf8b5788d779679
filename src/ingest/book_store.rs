//! Reads the editions of a feed document from the database, and writes back what changed.

use std::collections::{BTreeMap, HashSet};

use postgres::Transaction;
use serde_json::Value;
use time::OffsetDateTime;

use super::bracket::fixture::Fixture;
use super::bracket::{Book, Edition, PairKey, PlaceKey, Slot, Standing};
use super::documents::event::Source;
use super::editions::Editions;
use crate::db::{OneTrip, utc};
use crate::error::{Context, Result};

/// How many matches were written.
#[derive(Debug, Default)]
pub struct Written {
    /// New matches.
    pub inserted: u64,
    /// Matches that were there with other content.
    pub updated: u64,
    /// Matches that records spoke of and that were there as they are.
    pub unchanged: u64,
    /// The new and the changed matches, as rows.
    pub match_ids: Vec<i32>,
}

/// What was read, to tell later what changed.
pub struct Stored {
    fixtures: Vec<Fixture>,
    places: BTreeMap<PlaceKey, Standing>,
    waiting: BTreeMap<PairKey, Slot>,
    /// Editions of which a date changed.
    moved: Vec<i32>,
}

/// Corrects the editions, and reads all that their matches depend on. `external_ids`: of matches that records may mean; `players`:
/// who else the records name.
///
/// # Errors
/// The server's.
pub fn read(
    transaction: &mut Transaction<'_>,
    editions: &Editions,
    external_ids: &[String],
    players: &[i32],
) -> Result<(Book, Stored)> {
    let mut book = Book::default();
    let moved = correct_editions(transaction, editions, &mut book)?;
    let rows = transaction
        .rows(include_str!("../../sql/ingest/fixtures_read.sql"), &[&editions.ids, &external_ids])
        .context(|| "reading matches")?;
    for row in &rows {
        book.add(Fixture::of_row(row));
    }
    read_places(transaction, &editions.ids, &mut book)?;
    read_waiting(transaction, &editions.ids, &mut book)?;
    read_player_ids(transaction, players, &mut book)?;
    let stored = Stored {
        fixtures: book.fixtures.clone(),
        places: book.places.clone(),
        waiting: book.waiting.clone(),
        moved,
    };
    Ok((book, stored))
}

/// Settles the book, and writes what differs from what was read.
///
/// # Errors
/// The server's.
pub fn write(
    transaction: &mut Transaction<'_>,
    book: &mut Book,
    stored: &Stored,
    now: OffsetDateTime,
) -> Result<Written> {
    book.settle(&stored.fixtures, &stored.moved);
    let (old, new) = book.fixtures.split_at(stored.fixtures.len());
    let changed: Vec<&Fixture> =
        old.iter().zip(&stored.fixtures).filter(|(now, before)| now != before).map(|(now, _)| now).collect();
    let mut written = Written::default();
    if !changed.is_empty() {
        let rows = transaction
            .rows(
                include_str!("../../sql/ingest/fixtures_update.sql"),
                &[&serde_json::to_value(changed)?, &utc(now)],
            )
            .context(|| "updating matches")?;
        written.updated = rows.len() as u64;
        written.match_ids.extend(rows.iter().map(|row| row.get::<_, i32>("id")));
    }
    let updated: HashSet<i32> = written.match_ids.iter().copied().collect();
    let is_unchanged = |fixture: &Fixture| fixture.id.is_some_and(|id| !updated.contains(&id));
    written.unchanged =
        book.touched.iter().filter(|place| is_unchanged(&book.fixtures[**place])).count() as u64;
    if !new.is_empty() {
        let new: Value = serde_json::to_value(new)?;
        let rows = transaction
            .rows(include_str!("../../sql/ingest/fixtures_add.sql"), &[&new, &utc(now)])
            .context(|| "inserting matches")?;
        written.inserted = rows.len() as u64;
        written.match_ids.extend(rows.iter().map(|row| row.get::<_, i32>("id")));
    }
    write_places(transaction, book, stored)?;
    write_waiting(transaction, book, stored)?;
    Ok(written)
}

/// Brings the editions' dates and surfaces up to date, and reads them; returns those of which a date changed.
fn correct_editions(
    transaction: &mut Transaction<'_>,
    editions: &Editions,
    book: &mut Book,
) -> Result<Vec<i32>> {
    let starts: Vec<_> = editions.events.iter().map(|event| event.start_date).collect();
    let ends: Vec<_> = editions.events.iter().map(|event| event.end_date).collect();
    let surfaces: Vec<_> = editions.events.iter().map(|event| event.surface).collect();
    let rows = transaction
        .rows(
            include_str!("../../sql/ingest/editions_correct.sql"),
            &[&editions.ids, &starts, &ends, &surfaces],
        )
        .context(|| "correcting editions")?;
    for row in &rows {
        let id = row.get("id");
        let Some(place) = editions.ids.iter().position(|known| *known == id) else { continue };
        let edition = Edition {
            id,
            code: row.get("tournament_code"),
            year: row.get("year"),
            level: row.get("level"),
            source: editions.events[place].source,
            start_date: row.get("start_date"),
            end_date: row.get("end_date"),
        };
        book.editions.insert(id, edition);
    }
    Ok(rows.iter().filter(|row| row.get("is_moved")).map(|row| row.get("id")).collect())
}

fn read_places(transaction: &mut Transaction<'_>, edition_ids: &[i32], book: &mut Book) -> Result<()> {
    let rows = transaction
        .rows(include_str!("../../sql/ingest/draw_places_read.sql"), &[&edition_ids])
        .context(|| "reading draw_places")?;
    for row in rows {
        let key = (row.get("tournament_edition_id"), row.get("round"), row.get("draw_position"));
        let standing = Standing {
            players: [row.get("player_a_id"), row.get("player_b_id")],
            seed: row.get("seed"),
            is_bye: row.get("is_bye"),
        };
        book.places.insert(key, standing);
    }
    Ok(())
}

fn read_waiting(transaction: &mut Transaction<'_>, edition_ids: &[i32], book: &mut Book) -> Result<()> {
    let rows = transaction
        .rows(include_str!("../../sql/ingest/waiting_schedules_read.sql"), &[&edition_ids])
        .context(|| "reading waiting_schedules")?;
    for row in rows {
        let key = (
            row.get("tournament_edition_id"),
            row.get("round"),
            row.get("player_low_id"),
            row.get("player_high_id"),
        );
        let slot = Slot {
            date: row.get("scheduled_date"),
            datetime: row.get("scheduled_datetime"),
            court: row.get("court"),
        };
        book.waiting.insert(key, slot);
    }
    Ok(())
}

/// The sources' ids of everybody who plays, or is named by the records.
fn read_player_ids(transaction: &mut Transaction<'_>, players: &[i32], book: &mut Book) -> Result<()> {
    let standing = book.places.values().flat_map(|place| place.players).flatten();
    let playing = book.fixtures.iter().flat_map(|fixture| [fixture.player_a_id, fixture.player_b_id]);
    let mut all: Vec<i32> = players.iter().copied().chain(standing).chain(playing).collect();
    all.sort_unstable();
    all.dedup();
    let rows = transaction
        .rows(include_str!("../../sql/ingest/player_ids_read.sql"), &[&all])
        .context(|| "reading the players' ids")?;
    for row in rows {
        for source in Source::ALL {
            let column = match source {
                Source::Atp => "atp_id",
                Source::Wta => "wta_id",
                Source::Itf => "itf_id",
            };
            if let Some(id) = row.get::<_, Option<String>>(column) {
                book.player_ids.insert((row.get("id"), source), id);
            }
        }
    }
    Ok(())
}

fn write_places(transaction: &mut Transaction<'_>, book: &Book, stored: &Stored) -> Result<()> {
    let new: Vec<_> =
        book.places.iter().filter(|(key, place)| stored.places.get(*key) != Some(*place)).collect();
    if !new.is_empty() {
        transaction
            .change(
                include_str!("../../sql/ingest/draw_places_write.sql"),
                &[
                    &new.iter().map(|(key, _)| key.0).collect::<Vec<_>>(),
                    &new.iter().map(|(key, _)| key.1.as_str()).collect::<Vec<_>>(),
                    &new.iter().map(|(key, _)| key.2).collect::<Vec<_>>(),
                    &new.iter().map(|(_, place)| place.players[0]).collect::<Vec<_>>(),
                    &new.iter().map(|(_, place)| place.players[1]).collect::<Vec<_>>(),
                    &new.iter().map(|(_, place)| place.seed).collect::<Vec<_>>(),
                    &new.iter().map(|(_, place)| place.is_bye).collect::<Vec<_>>(),
                ],
            )
            .context(|| "writing draw_places")?;
    }
    let gone: Vec<&PlaceKey> = stored.places.keys().filter(|key| !book.places.contains_key(*key)).collect();
    if !gone.is_empty() {
        transaction
            .change(
                include_str!("../../sql/ingest/draw_places_delete.sql"),
                &[
                    &gone.iter().map(|key| key.0).collect::<Vec<_>>(),
                    &gone.iter().map(|key| key.1.as_str()).collect::<Vec<_>>(),
                    &gone.iter().map(|key| key.2).collect::<Vec<_>>(),
                ],
            )
            .context(|| "emptying draw_places")?;
    }
    Ok(())
}

fn write_waiting(transaction: &mut Transaction<'_>, book: &Book, stored: &Stored) -> Result<()> {
    let new: Vec<_> =
        book.waiting.iter().filter(|(key, slot)| stored.waiting.get(*key) != Some(*slot)).collect();
    if !new.is_empty() {
        transaction
            .change(
                include_str!("../../sql/ingest/waiting_schedules_write.sql"),
                &[
                    &new.iter().map(|(key, _)| key.0).collect::<Vec<_>>(),
                    &new.iter().map(|(key, _)| key.1.as_str()).collect::<Vec<_>>(),
                    &new.iter().map(|(key, _)| key.2).collect::<Vec<_>>(),
                    &new.iter().map(|(key, _)| key.3).collect::<Vec<_>>(),
                    &new.iter().map(|(_, slot)| slot.date).collect::<Vec<_>>(),
                    &new.iter().map(|(_, slot)| slot.datetime).collect::<Vec<_>>(),
                    &new.iter().map(|(_, slot)| slot.court.as_deref()).collect::<Vec<_>>(),
                ],
            )
            .context(|| "writing waiting_schedules")?;
    }
    let gone: Vec<&PairKey> = stored.waiting.keys().filter(|key| !book.waiting.contains_key(*key)).collect();
    if !gone.is_empty() {
        transaction
            .change(
                include_str!("../../sql/ingest/waiting_schedules_delete.sql"),
                &[
                    &gone.iter().map(|key| key.0).collect::<Vec<_>>(),
                    &gone.iter().map(|key| key.1.as_str()).collect::<Vec<_>>(),
                    &gone.iter().map(|key| key.2).collect::<Vec<_>>(),
                    &gone.iter().map(|key| key.3).collect::<Vec<_>>(),
                ],
            )
            .context(|| "emptying waiting_schedules")?;
    }
    Ok(())
}
