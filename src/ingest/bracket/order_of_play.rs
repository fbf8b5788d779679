//! Orders of play: when and where a match will be played.

use time::PrimitiveDateTime;

use super::fixture::{Fixture, SCHEDULED, UPCOMING, pair_of};
use super::{Applied, Book, Slot};
use crate::ingest::documents::schedule::ScheduleRecord;

impl Book {
    /// Applies a record of an order of play. A match that is not there yet is not made: what the record says waits for it.
    pub fn apply_schedule(&mut self, edition_id: i32, record: &ScheduleRecord, players: [i32; 2]) -> Applied {
        let datetime = record.time.map(|time| PrimitiveDateTime::new(record.date, time));
        let slot = Slot { date: record.date, datetime, court: record.court.clone() };
        let (low, high) = pair_of(players);
        match self.meeting(edition_id, &record.round, players) {
            Some(place) => {
                self.waiting.remove(&(edition_id, record.round.clone(), low, high));
                self.touched.insert(place);
                self.fixtures[place].set_slot(&slot);
                Applied::Taken
            }
            None => {
                self.waiting.insert((edition_id, record.round.clone(), low, high), slot);
                Applied::Waiting
            }
        }
    }

    /// Applies what waits for matches that are there now.
    pub(super) fn apply_waiting(&mut self) {
        for (key, slot) in std::mem::take(&mut self.waiting) {
            match self.meeting(key.0, &key.1, [key.2, key.3]) {
                Some(place) => self.fixtures[place].set_slot(&slot),
                None => _ = self.waiting.insert(key, slot),
            }
        }
    }
}

impl Fixture {
    /// Sets date, time and court, and lifts `upcoming` to `scheduled`. A time or court that is not told any more stays, unless the
    /// day is another one.
    fn set_slot(&mut self, slot: &Slot) {
        if self.scheduled_date != Some(slot.date) {
            self.scheduled_date = Some(slot.date);
            self.scheduled_datetime = None;
        }
        self.scheduled_datetime = slot.datetime.or(self.scheduled_datetime);
        if slot.court.is_some() {
            self.court.clone_from(&slot.court);
        }
        if self.status == UPCOMING {
            self.status = SCHEDULED.to_owned();
        }
    }
}
