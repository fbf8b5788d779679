//! One event from the first round of qualifying to the final: draws with seeds and byes, groups, results.

use std::rc::Rc;

use time::Date;

use super::calendar::{self, Shape, Slot, Tier, Tour};
use super::players::{Entries, Person, Players};
use super::random::Random;
use super::score::{self, Rules};

/// How much a player's form differs from match to match, in units of the tour's spread.
const FORM_SPREAD: f64 = 0.35;
/// The shares of service games that equal players win.
const MENS_HOLD: f64 = 0.78;
const WOMENS_HOLD: f64 = 0.66;
/// A group match won at the Finals is worth this share of the title's points.
const GROUP_WIN_SHARE: u32 = 8;

/// One of the two players of a match, as the archives show him or her.
#[derive(Debug, Clone)]
pub struct Side {
    /// Who it is.
    pub person: Rc<Person>,
    /// The place among the seeds, when seeded.
    pub seed: Option<u32>,
    /// How he or she came into the draw: empty, `WC` or `Q`.
    pub entry: &'static str,
    /// Place in the ranking of that week.
    pub rank: u32,
    /// Ranking points.
    pub points: u32,
}

/// A match that was played, or given away.
#[derive(Debug, Clone)]
pub struct Match {
    /// The number within the event, from 1, in the order of play.
    pub number: u32,
    /// Q1 to Q3, R128 to F, or RR.
    pub round: &'static str,
    /// The day of play.
    pub date: Date,
    /// Who won.
    pub winner: Side,
    /// Who lost.
    pub loser: Side,
    /// From the winner's side.
    pub score: String,
    /// 3 or 5.
    pub best_of: u8,
    /// How long it took; None when it was not played.
    pub minutes: Option<u32>,
}

/// What an event leaves behind.
pub(crate) struct Played {
    pub(crate) matches: Vec<Match>,
    /// Ranking points by player index.
    pub(crate) awards: Vec<(usize, u32)>,
}

/// A player in a draw.
#[derive(Debug, Clone, Copy)]
struct Entrant {
    index: usize,
    seed: Option<u32>,
    entry: &'static str,
}

/// Plays the whole event.
pub(crate) fn play(
    tour: Tour,
    slot: &Slot,
    players: &Players,
    random: &mut Random,
    entries: Entries,
) -> Played {
    let shape = slot.tier.shape();
    let hold = if tour == Tour::Men { MENS_HOLD } else { WOMENS_HOLD };
    let rules = Rules { best_of: slot.tier.best_of(tour), hold };
    let mut event = InPlay { slot, shape, rules, players, random, matches: Vec::new(), awards: Vec::new() };
    if slot.tier == Tier::Finals {
        event.finals(&entries.direct);
    } else {
        let qualified = event.qualifying(&entries.qualifying);
        let bracket = event.main_draw(&entries, &qualified);
        event.knock_out(bracket);
    }
    Played { matches: event.matches, awards: event.awards }
}

/// An event under way.
struct InPlay<'a> {
    slot: &'a Slot,
    shape: Shape,
    rules: Rules,
    players: &'a Players,
    random: &'a mut Random,
    matches: Vec<Match>,
    awards: Vec<(usize, u32)>,
}

impl InPlay<'_> {
    /// Plays one match; returns the winner and the loser.
    fn one_match(&mut self, round: &'static str, one: Entrant, two: Entrant) -> (Entrant, Entrant) {
        let date = calendar::day_of(self.slot.start, self.shape.days, round);
        let strength = |index| self.players.strength(index, self.slot.surface, date);
        let edge = strength(one.index) - strength(two.index) + FORM_SPREAD * self.random.normal();
        // Qualifying is best of three everywhere.
        let best_of = if round.starts_with('Q') && round != "QF" { 3 } else { self.rules.best_of };
        let outcome = score::play(self.random, Rules { best_of, ..self.rules }, edge);
        let (winner, loser) = if outcome.is_first_winner { (one, two) } else { (two, one) };
        let number = self.matches.len() as u32 + 1;
        let (winner_side, loser_side) = (self.side(winner), self.side(loser));
        self.matches.push(Match {
            number,
            round,
            date,
            winner: winner_side,
            loser: loser_side,
            score: outcome.score,
            best_of,
            minutes: outcome.minutes,
        });
        (winner, loser)
    }

    /// An entrant as the archives show it.
    fn side(&self, entrant: Entrant) -> Side {
        let (rank, points) = self.players.standing(entrant.index);
        let person = Rc::clone(self.players.person(entrant.index));
        Side { person, seed: entrant.seed, entry: entrant.entry, rank, points }
    }

    /// Plays the qualifying draw of `indexes`, best ranked first; returns who comes through.
    fn qualifying(&mut self, indexes: &[usize]) -> Vec<usize> {
        if indexes.is_empty() {
            return Vec::new();
        }
        let (seeded, others) = indexes.split_at(self.shape.qualifiers);
        let mut others = others.to_vec();
        self.random.shuffle(&mut others);
        let mut left = Vec::with_capacity(indexes.len());
        for (section, rivals) in others.chunks((1 << self.shape.qualifying_rounds) - 1).enumerate() {
            left.push(Entrant { index: seeded[section], seed: Some(section as u32 + 1), entry: "" });
            left.extend(rivals.iter().map(|&index| Entrant { index, seed: None, entry: "" }));
        }
        for round in ["Q1", "Q2", "Q3"].into_iter().take(self.shape.qualifying_rounds) {
            left = left.chunks(2).map(|pair| self.one_match(round, pair[0], pair[1]).0).collect();
        }
        left.into_iter().map(|entrant| entrant.index).collect()
    }

    /// The main draw, position by position; None is a bye, which the best seeds get.
    fn main_draw(&mut self, entries: &Entries, qualified: &[usize]) -> Vec<Option<Entrant>> {
        let direct = self.players.by_ranking(entries.direct.clone());
        let (seeded, others) = direct.split_at(self.shape.seeds);
        let mut seeded: Vec<Entrant> =
            (1..).zip(seeded).map(|(seed, &index)| Entrant { index, seed: Some(seed), entry: "" }).collect();
        self.draw_seeds(&mut seeded);
        let mut unseeded = Vec::new();
        for (indexes, entry) in [(others, ""), (&entries.wild_cards, "WC"), (qualified, "Q")] {
            unseeded.extend(indexes.iter().map(|&index| Entrant { index, seed: None, entry }));
        }
        self.random.shuffle(&mut unseeded);
        let size = self.shape.players.next_power_of_two();
        bracket_places(size)
            .into_iter()
            .map(|place| match place {
                place if place <= seeded.len() => Some(seeded[place - 1]),
                place if place > self.shape.players => None,
                _ => unseeded.pop(),
            })
            .collect()
    }

    /// Seeds of a group are drawn among its places: 3 and 4, 5 to 8, 9 to 16, 17 to 32.
    fn draw_seeds(&mut self, seeded: &mut [Entrant]) {
        let mut first = 2;
        while first < seeded.len() {
            let end = (first * 2).min(seeded.len());
            self.random.shuffle(&mut seeded[first..end]);
            first = end;
        }
    }

    /// Plays a knock-out draw to its end.
    fn knock_out(&mut self, mut bracket: Vec<Option<Entrant>>) {
        let rounds = bracket.len().trailing_zeros();
        let mut points = self.shape.points >> rounds.min(10);
        while bracket.len() > 1 {
            let round = round_name(bracket.len());
            let mut next = Vec::with_capacity(bracket.len() / 2);
            for pair in bracket.chunks(2) {
                next.push(match (pair[0], pair[1]) {
                    (Some(one), Some(two)) => {
                        let (winner, loser) = self.one_match(round, one, two);
                        self.awards.push((loser.index, points));
                        Some(winner)
                    }
                    (one, two) => one.or(two),
                });
            }
            bracket = next;
            points *= 2;
        }
        if let Some(Some(champion)) = bracket.first() {
            self.awards.push((champion.index, self.shape.points));
        }
    }

    /// Two groups of four, everybody against everybody; the best two of each play the semi-finals.
    fn finals(&mut self, indexes: &[usize]) {
        let all: Vec<Entrant> =
            (1..).zip(indexes).map(|(seed, &index)| Entrant { index, seed: Some(seed), entry: "" }).collect();
        let first = self.group([all[0], all[3], all[4], all[7]]);
        let second = self.group([all[1], all[2], all[5], all[6]]);
        self.knock_out(vec![Some(first.0), Some(second.1), Some(second.0), Some(first.1)]);
    }

    /// Plays a group; returns the first and the second: by matches won, then by seed.
    fn group(&mut self, group: [Entrant; 4]) -> (Entrant, Entrant) {
        let mut table = group.map(|entrant| (0_u32, entrant));
        for (one, two) in [(0, 3), (1, 2), (0, 2), (3, 1), (0, 1), (2, 3)] {
            let (winner, _) = self.one_match("RR", group[one], group[two]);
            let place = if winner.index == group[one].index { one } else { two };
            table[place].0 += 1;
            self.awards.push((winner.index, self.shape.points / GROUP_WIN_SHARE));
        }
        table.sort_by_key(|(won, entrant)| (std::cmp::Reverse(*won), entrant.seed));
        (table[0].1, table[1].1)
    }
}

/// The places of a draw of `size` (a power of two) from top to bottom, numbered so that in every round the best
/// left meets the worst left: for 8 they are 1, 8, 4, 5, 2, 7, 3, 6.
fn bracket_places(size: usize) -> Vec<usize> {
    let mut places = vec![1];
    while places.len() < size {
        let sum = places.len() * 2 + 1;
        places = places.into_iter().flat_map(|place| [place, sum - place]).collect();
    }
    places
}

/// The archives' name of the round with `players` left.
fn round_name(players: usize) -> &'static str {
    match players {
        2 => "F",
        4 => "SF",
        8 => "QF",
        16 => "R16",
        32 => "R32",
        64 => "R64",
        _ => "R128",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_seeds_meet_last() {
        assert_eq!(bracket_places(8), [1, 8, 4, 5, 2, 7, 3, 6]);
        let places = bracket_places(128);
        for size in [2, 4, 8, 16, 32] {
            let sections: Vec<usize> = places
                .chunks(128 / size)
                .map(|chunk| chunk.iter().filter(|place| **place <= size).count())
                .collect();
            assert!(
                sections.iter().all(|count| *count == 1),
                "each of {size} sections has one of the best {size}"
            );
        }
    }
}
