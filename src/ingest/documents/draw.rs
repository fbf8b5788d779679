//! One place of a draw: `*.draw.jsonl`.

use super::decision::{Decision, read_decision};
use super::entrant::{Entrant, Named, Side, check_different};
use super::event::{Event, read_round};
use super::fields::Fields;
use super::{Kind, Record};
use crate::ingest::bracket::{Applied, Book};
use crate::ingest::name;
use crate::ingest::rejects::Reason;
use crate::ingest::score::Score;

/// The fields of a draw's record beside the common ones.
pub const DRAW_FIELDS: [&str; 4] = ["draw_position", "score_raw", "winner_name", "is_bye"];

/// Places in a round whose size the code does not tell, such as a round robin.
const PLACES_MAX: i32 = 256;

/// How many places a round has at most; None when its code does not tell.
pub fn places(round: &str) -> Option<i32> {
    match round {
        "R128" | "Q1" | "Q2" | "Q3" | "Q4" | "Q5" => Some(64),
        "R64" => Some(32),
        "R32" => Some(16),
        "R16" => Some(8),
        "QF" => Some(4),
        "SF" => Some(2),
        "F" | "BR" => Some(1),
        _ => None,
    }
}

/// A place of a draw.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawRecord {
    /// The edition.
    pub event: Event,
    /// The round's code.
    pub round: String,
    /// From 1, in the round.
    pub position: i32,
    /// Who is there.
    pub place: Place,
}

/// Who is in a place of a draw.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Two players, and how they played if they have.
    Pair {
        /// A and B.
        players: [Entrant; 2],
        /// None before the match.
        decision: Option<Decision>,
    },
    /// One player, who goes on without playing.
    Bye(Entrant),
    /// At least one of the two is not known yet.
    Open {
        /// Who is known of A and B.
        players: [Option<Entrant>; 2],
    },
}

impl Record for DrawRecord {
    const KIND: Kind = Kind::Draw;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let event = Event::read(fields);
        let round = read_round(fields);
        let places_max = round.as_deref().and_then(places).unwrap_or(PLACES_MAX);
        let position = fields.required("draw_position", |fields, name| fields.integer(name, 1..=places_max));
        let is_bye = fields.switch("is_bye");
        let sides = [Named::read(fields, Side::A), Named::read(fields, Side::B)];
        let [Some(a), Some(b)] = sides else { return None };
        let place = read_place(fields, is_bye, a, b)?;
        Some(Self { event: event?, round: round?, position: position?, place })
    }

    fn event(&self) -> &Event {
        &self.event
    }

    fn round(&self) -> &str {
        &self.round
    }

    fn score(&self) -> Option<&Score> {
        match &self.place {
            Place::Pair { decision: Some(decision), .. } => Some(&decision.score),
            _ => None,
        }
    }

    fn entrants(&self) -> Vec<&Entrant> {
        match &self.place {
            Place::Pair { players, .. } => players.iter().collect(),
            Place::Bye(player) => vec![player],
            Place::Open { players } => players.iter().flatten().collect(),
        }
    }

    fn apply(&self, book: &mut Book, edition_id: i32, players: &[i32]) -> Applied {
        book.apply_draw(edition_id, self, players)
    }
}

fn read_place(fields: &mut Fields<'_>, is_bye: bool, a: Named, b: Named) -> Option<Place> {
    if is_bye {
        return read_bye(fields, a, b);
    }
    match (a, b) {
        (Named::Bye, _) | (_, Named::Bye) => {
            fields.fault(Reason::Contradiction, "is_bye", "true, because one side is a bye")
        }
        (Named::Player(a), Named::Player(b)) => {
            let players = [a, b];
            check_different(fields, &players);
            let decision = read_decision(fields, None, &players);
            Some(Place::Pair { players, decision })
        }
        (a, b) => {
            if !fields.is_absent("winner_name") {
                let expected = "no winner while a player is not known";
                return fields.fault(Reason::Contradiction, "winner_name", expected);
            }
            let known = |side| match side {
                Named::Player(player) => Some(player),
                Named::Bye | Named::Open => None,
            };
            Some(Place::Open { players: [known(a), known(b)] })
        }
    }
}

fn read_bye(fields: &mut Fields<'_>, a: Named, b: Named) -> Option<Place> {
    let player = match (a, b) {
        (Named::Player(_), Named::Player(_)) => {
            return fields.fault(Reason::Contradiction, "is_bye", "false, because there are two players");
        }
        (Named::Player(player), _) | (_, Named::Player(player)) => player,
        _ => return fields.fault(Reason::MissingField, "player_a_name", "the player who has the bye"),
    };
    if !fields.is_absent("score_raw") {
        return fields.fault(Reason::Contradiction, "score_raw", "no score: a bye is not played");
    }
    let winner = fields.text("winner_name", usize::MAX);
    if winner.is_some_and(|winner| name::normalise(&winner) != player.normalised) {
        let expected = format!("nobody, or {:?}, who has the bye", player.name);
        return fields.fault(Reason::UnknownWinner, "winner_name", expected);
    }
    Some(Place::Bye(player))
}
