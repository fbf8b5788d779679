//! One result: `*.results.jsonl`.

use serde_json::{Map, Value};
use time::{Date, Time};

use super::decision::{Decision, read_decision};
use super::entrant::{Entrant, read_players};
use super::event::{Event, read_round};
use super::fields::Fields;
use super::{Kind, Record};
use crate::ingest::bracket::{Applied, Book};
use crate::ingest::rejects::Reason;
use crate::ingest::score::{Score, Status};

/// The fields of a result's record beside the common ones.
pub const RESULT_FIELDS: [&str; 10] = [
    "external_id",
    "match_number",
    "winner_name",
    "score_raw",
    "match_date",
    "match_time",
    "duration_minutes",
    "status",
    "retirement_set",
    "stats",
];

/// `matches.external_id` holds this many characters.
const EXTERNAL_ID_LENGTH_MAX: usize = 100;
/// No event has more matches.
const MATCH_NUMBERS: std::ops::RangeInclusive<i32> = 0..=100_000;
/// The longest match took 665 minutes, on three days.
const DURATIONS: std::ops::RangeInclusive<i32> = 0..=1000;
/// No match has more than five sets.
const SETS: std::ops::RangeInclusive<i32> = 1..=5;
/// Serve statistics of both players take a tenth of this.
const STATS_BYTES_MAX: usize = 16 * 1024;

/// The end of a match.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultRecord {
    /// The edition.
    pub event: Event,
    /// The round's code.
    pub round: String,
    /// A and B.
    pub players: [Entrant; 2],
    /// The match's id, when the record gives one. See [`match_external_id`](super::entrant::match_external_id) for the one that follows
    /// from the players.
    pub external_id: Option<String>,
    /// The number in its event; not unique.
    pub match_number: Option<i32>,
    /// How it ended; None: it was cancelled, and nobody won.
    pub decision: Option<Decision>,
    /// The set in which the loser stopped: as written, else from the score.
    pub retirement_set: Option<i32>,
    /// The day on which it was played.
    pub date: Option<Date>,
    /// When, on that day.
    pub time: Option<Time>,
    /// How long it took.
    pub duration_minutes: Option<i32>,
    /// As written.
    pub stats: Option<Map<String, Value>>,
}

/// What `status` may say.
#[derive(Debug, Clone, Copy)]
enum Stated {
    /// Somebody won.
    Ended(Status),
    Cancelled,
}

const STATUSES: [(&str, Stated); 5] = [
    ("completed", Stated::Ended(Status::Completed)),
    ("retired", Stated::Ended(Status::Retired)),
    ("walkover", Stated::Ended(Status::Walkover)),
    ("default", Stated::Ended(Status::Default)),
    ("cancelled", Stated::Cancelled),
];

impl Record for ResultRecord {
    const KIND: Kind = Kind::Results;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let event = Event::read(fields);
        let round = read_round(fields);
        let players = read_players(fields);
        let year = event.as_ref().map(|event| event.year);
        let external_id = fields.text("external_id", EXTERNAL_ID_LENGTH_MAX);
        let match_number = fields.integer("match_number", MATCH_NUMBERS);
        let date = fields.date("match_date", year);
        let time = fields.time("match_time");
        if time.is_some() && fields.is_absent("match_date") {
            fields.fault::<()>(Reason::MissingField, "match_date", "a date, because there is a match_time");
        }
        let duration_minutes = fields.integer("duration_minutes", DURATIONS);
        let stats = fields.object("stats", STATS_BYTES_MAX);
        let retirement_set = fields.integer("retirement_set", SETS);
        let status = fields.word("status", &STATUSES);
        let players = players?;
        let decision = match status {
            Some(Stated::Cancelled) => {
                check_cancelled(fields);
                None
            }
            Some(Stated::Ended(status)) => read_end(fields, Some(status), &players),
            None => read_end(fields, None, &players),
        };
        let retirement_set = match &decision {
            Some(decision) => check_retirement_set(fields, retirement_set, decision),
            None => None,
        };
        Some(Self {
            event: event?,
            round: round?,
            players,
            external_id,
            match_number,
            decision,
            retirement_set,
            date,
            time,
            duration_minutes,
            stats,
        })
    }

    fn event(&self) -> &Event {
        &self.event
    }

    fn round(&self) -> &str {
        &self.round
    }

    fn score(&self) -> Option<&Score> {
        self.decision.as_ref().map(|decision| &decision.score)
    }

    fn match_id(&self) -> Option<&str> {
        self.external_id.as_deref()
    }

    fn entrants(&self) -> Vec<&Entrant> {
        self.players.iter().collect()
    }

    fn apply(&self, book: &mut Book, edition_id: i32, players: &[i32]) -> Applied {
        match players {
            [a, b] => book.apply_result(edition_id, self, [*a, *b]),
            _ => Applied::Refused(Reason::MissingField, "two players".to_owned()),
        }
    }
}

/// How a match ended that somebody won.
fn read_end(fields: &mut Fields<'_>, status: Option<Status>, players: &[Entrant; 2]) -> Option<Decision> {
    if fields.is_absent("winner_name") {
        let expected =
            "who won; only a cancelled match has no winner, and one that is not over is no result yet";
        return fields.fault(Reason::MissingField, "winner_name", expected);
    }
    read_decision(fields, status, players)
}

/// Notes what a cancelled match cannot have.
fn check_cancelled(fields: &mut Fields<'_>) {
    for field in ["winner_name", "retirement_set"] {
        if !fields.is_absent(field) {
            fields.fault::<()>(Reason::Contradiction, field, "none: the match was cancelled");
        }
    }
}

/// The set in which the loser stopped. It is the last one begun, or the next one when the last was finished.
fn check_retirement_set(fields: &mut Fields<'_>, written: Option<i32>, decision: &Decision) -> Option<i32> {
    let begun = i32::from(decision.score.sets_begun);
    let Some(set) = written else {
        return decision.retirement_set();
    };
    if !matches!(decision.status, Status::Retired | Status::Default) {
        let expected = format!("none: the match ended as {}", decision.status.as_str());
        return fields.fault(Reason::Contradiction, "retirement_set", expected);
    }
    if begun > 0 && !(begun..=begun + 1).contains(&set) {
        let expected = format!("{begun}, the last set of the score, or the next one");
        return fields.fault(Reason::Contradiction, "retirement_set", expected);
    }
    Some(set)
}
