//! One match of an order of play: `*.schedule.jsonl`.

use time::{Date, Time};

use super::entrant::{Entrant, read_players};
use super::event::{Event, read_round};
use super::fields::Fields;
use super::{Kind, Record};
use crate::ingest::bracket::{Applied, Book};
use crate::ingest::rejects::Reason;
use crate::ingest::score::Score;

/// The fields of a schedule's record beside the common ones.
pub const SCHEDULE_FIELDS: [&str; 3] = ["scheduled_date", "scheduled_time", "court"];

/// `matches.court` holds this many characters.
const COURT_LENGTH_MAX: usize = 100;

/// When and where a match will be played.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleRecord {
    /// The edition.
    pub event: Event,
    /// The round's code.
    pub round: String,
    /// A and B.
    pub players: [Entrant; 2],
    /// `matches.scheduled_date`
    pub date: Date,
    /// With the date `matches.scheduled_datetime`.
    pub time: Option<Time>,
    /// `matches.court`
    pub court: Option<String>,
}

impl Record for ScheduleRecord {
    const KIND: Kind = Kind::Schedule;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let event = Event::read(fields);
        let round = read_round(fields);
        let players = read_players(fields);
        let year = event.as_ref().map(|event| event.year);
        let date = fields.required("scheduled_date", |fields, name| fields.date(name, year));
        let time = fields.time("scheduled_time");
        let court = fields.text("court", COURT_LENGTH_MAX);
        Some(Self { event: event?, round: round?, players: players?, date: date?, time, court })
    }

    fn event(&self) -> &Event {
        &self.event
    }

    fn round(&self) -> &str {
        &self.round
    }

    fn score(&self) -> Option<&Score> {
        None
    }

    fn entrants(&self) -> Vec<&Entrant> {
        self.players.iter().collect()
    }

    fn apply(&self, book: &mut Book, edition_id: i32, players: &[i32]) -> Applied {
        match players {
            [a, b] => book.apply_schedule(edition_id, self, [*a, *b]),
            _ => Applied::Refused(Reason::MissingField, "two players".to_owned()),
        }
    }
}
