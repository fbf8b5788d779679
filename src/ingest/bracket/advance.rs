//! From round to round: winners and byes advance, and what was overtaken by later rounds is cancelled.

use std::collections::{BTreeSet, HashSet};

use super::fixture::Fixture;
use super::{Book, Pair};

/// The rounds of a main draw. Position p of one feeds position (p + 1) / 2 of the next.
const MAIN: [&str; 7] = ["R128", "R64", "R32", "R16", "QF", "SF", "F"];
/// Qualifying rounds. Which of them is the last is not known, so nobody advances in them.
const QUALIFYING: [&str; 5] = ["Q1", "Q2", "Q3", "Q4", "Q5"];
/// A round robin is followed by the semi-finals.
const ROUND_ROBIN: &str = "RR";
/// A match that was not played when so many rounds later there are results will not be played any more.
const OVERTAKEN_ROUNDS: usize = 2;

/// Where a round stands in a main draw.
fn main_place(round: &str) -> Option<usize> {
    let round = if round == ROUND_ROBIN { "QF" } else { round };
    MAIN.iter().position(|code| *code == round)
}

fn qualifying_place(round: &str) -> Option<usize> {
    QUALIFYING.iter().position(|code| *code == round)
}

/// Somebody who has reached a place.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    player: i32,
    seed: Option<i32>,
}

impl Book {
    /// Makes the matches of which both players are known by the rounds before, once each, and cancels those that are yet to come
    /// with somebody who lost on the way.
    pub(super) fn advance(&mut self, edition_id: i32) {
        for rounds in MAIN.windows(2) {
            let (round, next) = (rounds[0], rounds[1]);
            for position in self.positions_reached(edition_id, round, next) {
                let feeders = [position * 2 - 1, position * 2];
                self.advance_to(edition_id, (round, feeders), (next, position));
            }
        }
    }

    /// The positions of `next` to which somebody of `round` may have advanced.
    fn positions_reached(&self, edition_id: i32, round: &str, next: &str) -> BTreeSet<i32> {
        let of_round = self.of_edition(edition_id).filter(|(_, fixture)| fixture.round == round);
        let of_matches = of_round.filter_map(|(_, fixture)| fixture.draw_position);
        let of_places =
            self.places.keys().filter(|key| key.0 == edition_id && key.1 == round).map(|key| key.2);
        let waiting = self.places.keys().filter(|key| key.0 == edition_id && key.1 == next).map(|key| key.2);
        of_matches.chain(of_places).map(|position| (position + 1) / 2).chain(waiting).collect()
    }

    fn advance_to(
        &mut self,
        edition_id: i32,
        (round, feeders): (&str, [i32; 2]),
        (next, position): (&str, i32),
    ) {
        let played = feeders.map(|feeder| self.decided(edition_id, round, feeder));
        let losers: Vec<i32> =
            played.iter().flatten().filter_map(|place| self.fixtures[*place].loser()).collect();
        let occupants = self.occupants(edition_id, next, position);
        let beaten: Vec<usize> = occupants
            .iter()
            .copied()
            .filter(|place| losers.iter().any(|loser| self.fixtures[*place].has(*loser)))
            .collect();
        let replaces = self.cancel_pending(&beaten);
        let arrivals = [0, 1].map(|side| {
            self.arrival(edition_id, (round, feeders[side]), played[side])
                .or_else(|| self.standing(edition_id, next, position, side))
        });
        let [Some(a), Some(b)] = arrivals else { return };
        if a.player == b.player || occupants.iter().any(|place| !self.fixtures[*place].is_cancelled()) {
            return;
        }
        let Some(source) = self.editions.get(&edition_id).map(|edition| edition.source) else { return };
        let pair = Pair { players: [a.player, b.player], seeds: [a.seed, b.seed] };
        self.seat((edition_id, next, position), source, pair, replaces);
    }

    /// The match in a place that is over.
    fn decided(&self, edition_id: i32, round: &str, position: i32) -> Option<usize> {
        let occupants = self.occupants(edition_id, round, position);
        occupants.into_iter().find(|place| self.fixtures[*place].loser().is_some())
    }

    /// Who comes from a place: the winner of its match, else who has a bye there.
    fn arrival(
        &self,
        edition_id: i32,
        (round, position): (&str, i32),
        played: Option<usize>,
    ) -> Option<Arrival> {
        if let Some(place) = played {
            let fixture = &self.fixtures[place];
            let player = fixture.winner_id?;
            return Some(Arrival { player, seed: fixture.seed_of(player) });
        }
        let standing =
            self.places.get(&(edition_id, round.to_owned(), position)).filter(|place| place.is_bye)?;
        let player = standing.players.into_iter().flatten().next()?;
        Some(Arrival { player, seed: standing.seed })
    }

    /// Who stands on this side of a place and waits.
    fn standing(&self, edition_id: i32, round: &str, position: i32, side: usize) -> Option<Arrival> {
        let standing = self.places.get(&(edition_id, round.to_owned(), position))?;
        let player = standing.players[side].filter(|_| !standing.is_bye)?;
        Some(Arrival { player, seed: standing.seed })
    }

    /// Cancels what is yet to come in a place where two others have played.
    pub(super) fn cancel_displaced(&mut self, edition_id: i32) {
        let place_of = |fixture: &Fixture| Some((fixture.round.clone(), fixture.draw_position?));
        let played: HashSet<(String, i32)> = self
            .of_edition(edition_id)
            .filter(|(_, fixture)| fixture.is_terminal())
            .filter_map(|(_, fixture)| place_of(fixture))
            .collect();
        let displaced: Vec<usize> = self
            .of_edition(edition_id)
            .filter(|(_, fixture)| {
                fixture.is_pending() && place_of(fixture).is_some_and(|at| played.contains(&at))
            })
            .map(|(place, _)| place)
            .collect();
        self.cancel_pending(&displaced);
    }

    /// Cancels what is yet to come although two rounds later, or more, there are results.
    pub(super) fn cancel_overtaken(&mut self, edition_id: i32) {
        let of_edition = || self.of_edition(edition_id).map(|(_, fixture)| fixture);
        let results = || of_edition().filter(|fixture| fixture.is_terminal());
        let first_main = of_edition().filter_map(|fixture| main_place(&fixture.round)).min();
        let last_main = results().filter_map(|fixture| main_place(&fixture.round)).max();
        let last_qualifying = results().filter_map(|fixture| qualifying_place(&fixture.round)).max();
        let is_overtaken = |fixture: &Fixture| {
            let later = if let Some(place) = main_place(&fixture.round) {
                last_main.and_then(|last| last.checked_sub(place))
            } else if let Some(place) = qualifying_place(&fixture.round) {
                // The main draw begins one round after the last of the qualifying.
                let in_main = last_main.zip(first_main).map(|(last, first)| 1 + last - first);
                in_main.max(last_qualifying.and_then(|last| last.checked_sub(place)))
            } else {
                None
            };
            later.is_some_and(|rounds| rounds >= OVERTAKEN_ROUNDS)
        };
        let overtaken: Vec<usize> = self
            .of_edition(edition_id)
            .filter(|(_, fixture)| fixture.is_pending() && is_overtaken(fixture))
            .map(|(place, _)| place)
            .collect();
        self.cancel_pending(&overtaken);
    }
}
