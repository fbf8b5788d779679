//! How a match ended: winner, status and score, which have to agree.

use super::entrant::{Entrant, Side};
use super::fields::Fields;
use crate::ingest::name;
use crate::ingest::rejects::Reason;
use crate::ingest::score::{self, Problem, Score, Status};

/// `matches.score` holds this many characters.
const SCORE_LENGTH_MAX: usize = 100;

/// A match that was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Who won.
    pub winner: Side,
    /// `matches.status`
    pub status: Status,
    /// `matches.score`, as written.
    pub score_text: Option<String>,
    /// The same, understood, from the winner's side.
    pub score: Score,
}

impl Decision {
    /// The set in which the loser stopped, when the score tells.
    pub fn retirement_set(&self) -> Option<i32> {
        let begun = i32::from(self.score.sets_begun);
        (self.status == Status::Retired && begun > 0).then_some(begun)
    }
}

/// Reads `winner_name` and `score_raw`. `status`: how the record says the match ended, None when it does not. None when there is
/// no winner, or a fault.
pub(super) fn read_decision(
    fields: &mut Fields<'_>,
    status: Option<Status>,
    players: &[Entrant; 2],
) -> Option<Decision> {
    let winner_name = fields.text("winner_name", name::LENGTH_MAX);
    let score_text = fields.text("score_raw", SCORE_LENGTH_MAX);
    let winner = winner(fields, &winner_name?, players)?;
    let text = score_text.as_deref().unwrap_or_default();
    // `completed` is what scrapers begin with; a mark in the score knows better.
    let stated = status.filter(|status| *status != Status::Completed);
    let marked = Some(score::parse(text).status).filter(|marked| *marked != Status::Completed);
    if let (Some(stated), Some(marked)) = (stated, marked)
        && stated != marked
    {
        let expected = format!("{}, as the score says", marked.as_str());
        return fields.fault(Reason::Contradiction, "status", expected);
    }
    let ended = stated.unwrap_or(Status::Completed);
    let score = score::parse_known(text, ended, winner == Side::B);
    if marked.is_none() && score.problem == Some(Problem::GamesInWalkover) {
        let expected = "no score of a match that was not played, or another status";
        return fields.fault(Reason::Contradiction, "score_raw", expected);
    }
    Some(Decision { winner, status: score.status, score_text, score })
}

/// The side that `winner_name` names: by its exact spelling, else by the normalised one.
fn winner(fields: &mut Fields<'_>, winner_name: &str, [a, b]: &[Entrant; 2]) -> Option<Side> {
    let normalised = name::normalise(winner_name);
    let fits = match (a.name == winner_name, b.name == winner_name) {
        (false, false) => (a.normalised == normalised, b.normalised == normalised),
        fits => fits,
    };
    let expected = match fits {
        (true, false) => return Some(Side::A),
        (false, true) => return Some(Side::B),
        (true, true) => format!("a name that fits only one of {:?} and {:?}", a.name, b.name),
        (false, false) => format!("one of the two players, {:?} or {:?}", a.name, b.name),
    };
    fields.fault(Reason::UnknownWinner, "winner_name", expected)
}
