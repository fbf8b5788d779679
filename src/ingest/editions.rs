//! The tournaments and editions of a feed document get their ids. Called in the order of the tasks, under the stage's order lock.

use std::collections::HashMap;

use postgres::{Row, Transaction};
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
        let told: Vec<Told<'_>> =
            self.events.iter().enumerate().map(|(number, event)| Told::new(number, event)).collect();
        let told = serde_json::to_value(told)?;
        // What another program makes at the same moment is there the second time.
        for _ in 0..2 {
            let rows = transaction
                .rows(include_str!("../../sql/ingest/events_make.sql"), &[&told, &utc(now)])
                .context(|| "making tournaments and editions")?;
            if let Some(row) = rows.first() {
                self.tournaments_created += row.get::<_, i64>("tournaments_made").unsigned_abs();
                self.editions_created += row.get::<_, i64>("editions_made").unsigned_abs();
            }
            if rows.len() == self.events.len() {
                self.take(&rows);
                return Ok(());
            }
        }
        Err(Error::failed("an edition was not made"))
    }

    fn take(&mut self, rows: &[Row]) {
        for (row, event) in rows.iter().zip(&self.events) {
            self.ids.push(row.get("edition_id"));
            if row.get::<_, &str>("level") != event.level {
                count(&mut self.levels_kept, &event.level);
            }
        }
    }
}

impl<'a> Told<'a> {
    fn new(number: usize, event: &'a Event) -> Self {
        Self {
            number,
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
