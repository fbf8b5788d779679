//! The tournaments and editions of a feed document get their ids. Called in the order of the tasks, under the stage's order lock.

use std::collections::HashMap;

use postgres::Transaction;
use serde::Serialize;
use time::{Date, OffsetDateTime};

use super::counts::{Counts, count};
use super::documents::event::Event;
use crate::db::{OneTrip, utc};
use crate::error::{Context, Error, Result};

/// The editions of a document.
#[derive(Debug, Default)]
pub struct Editions {
    /// Each once, in the order in which the document names them first.
    pub events: Vec<Event>,
    /// Their rows.
    pub ids: Vec<i32>,
    /// Tournaments that were not there.
    pub tournaments_created: u64,
    /// Editions that were not there.
    pub editions_created: u64,
    /// Events of another level than their tournament has, which stays, by level.
    pub levels_kept: Counts,
    places: HashMap<(String, &'static str, i32), usize>,
}

/// An event as the queries take it.
#[derive(Debug, Serialize)]
struct Told<'a> {
    number: usize,
    tournament_id: Option<i32>,
    code: &'a str,
    name: &'a str,
    tour: &'a str,
    level: &'a str,
    gender: &'a str,
    city: &'a Option<String>,
    country: &'a Option<String>,
    country_ioc: &'a Option<String>,
    surface: &'a str,
    year: i32,
    start_date: Option<Date>,
    end_date: Option<Date>,
}

impl Editions {
    /// Notes the event of a record; returns its place in `events`. Of what several records tell of one event, the last counts.
    pub fn note(&mut self, event: &Event) -> usize {
        let key = (event.code.clone(), event.tour, event.year);
        let place = *self.places.entry(key).or_insert(self.events.len());
        match self.events.get_mut(place) {
            None => self.events.push(event.clone()),
            Some(known) if known != event => {
                let earlier = std::mem::replace(known, event.clone());
                known.city = known.city.take().or(earlier.city);
                known.country = known.country.take().or(earlier.country);
                known.country_ioc = known.country_ioc.take().or(earlier.country_ioc);
                known.start_date = known.start_date.or(earlier.start_date);
                known.end_date = known.end_date.or(earlier.end_date);
            }
            Some(_) => {}
        }
        place
    }

    /// Finds or makes them, and completes what is not known of their tournaments.
    ///
    /// # Errors
    /// The server's.
    pub fn make(&mut self, transaction: &mut Transaction<'_>, now: OffsetDateTime) -> Result<()> {
        if self.events.is_empty() {
            return Ok(());
        }
        let mut told: Vec<Told<'_>> =
            self.events.iter().enumerate().map(|(number, event)| Told::new(number, event)).collect();
        let mut missing = find_tournaments(transaction, &mut told, &mut self.levels_kept)?;
        if !missing.is_empty() {
            let new: Vec<&Told<'_>> = missing.iter().map(|number| &told[*number]).collect();
            self.tournaments_created = transaction
                .change(
                    include_str!("../../sql/ingest/tournaments_add.sql"),
                    &[&serde_json::to_value(new)?, &utc(now)],
                )
                .context(|| "making tournaments")?;
            self.levels_kept.clear();
            missing = find_tournaments(transaction, &mut told, &mut self.levels_kept)?;
        }
        if let Some(number) = missing.first() {
            return Err(Error::failed(format!("tournament {:?} was not made", told[*number].code)));
        }
        let told = serde_json::to_value(told)?;
        transaction
            .change(include_str!("../../sql/ingest/tournaments_complete.sql"), &[&told, &utc(now)])
            .context(|| "completing tournaments")?;
        let find = include_str!("../../sql/ingest/editions_find.sql");
        let mut found = transaction.rows(find, &[&told]).context(|| "looking for editions")?;
        if found.len() < self.events.len() {
            self.editions_created = transaction
                .change(include_str!("../../sql/ingest/editions_add.sql"), &[&told, &utc(now)])
                .context(|| "making editions")?;
            found = transaction.rows(find, &[&told]).context(|| "looking for editions")?;
        }
        self.ids = found.iter().map(|row| row.get("id")).collect();
        match self.ids.len() == self.events.len() {
            true => Ok(()),
            false => Err(Error::failed("an edition was not made")),
        }
    }
}

impl<'a> Told<'a> {
    fn new(number: usize, event: &'a Event) -> Self {
        Self {
            number,
            tournament_id: None,
            code: &event.code,
            name: &event.name,
            tour: event.tour,
            level: &event.level,
            gender: event.gender.as_str(),
            city: &event.city,
            country: &event.country,
            country_ioc: &event.country_ioc,
            surface: event.surface,
            year: event.year,
            start_date: event.start_date,
            end_date: event.end_date,
        }
    }
}

/// Looks the tournaments up; returns the numbers of those that are not there.
fn find_tournaments(
    transaction: &mut Transaction<'_>,
    told: &mut [Told<'_>],
    levels_kept: &mut Counts,
) -> Result<Vec<usize>> {
    let rows = transaction
        .rows(include_str!("../../sql/ingest/tournaments_find.sql"), &[&serde_json::to_value(&*told)?])
        .context(|| "looking for tournaments")?;
    for row in rows {
        let number = usize::try_from(row.get::<_, i32>("number")).unwrap_or(usize::MAX);
        let Some(event) = told.get_mut(number) else { continue };
        event.tournament_id = Some(row.get("id"));
        let level: &str = row.get("level");
        if level != event.level {
            count(levels_kept, event.level);
        }
    }
    Ok((0..told.len()).filter(|number| told[*number].tournament_id.is_none()).collect())
}
