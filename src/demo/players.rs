//! The people of one tour: who they are, how good they are, and where they stand in the ranking.

use std::collections::HashSet;
use std::rc::Rc;

use time::{Date, Duration};

use super::calendar::{Shape, Slot, Surface, Tour};
use super::names;
use super::random::Random;

/// Weeks that count for the ranking.
const RANKING_WEEKS: usize = 52;
/// Age of the best years.
const PRIME_AGE: f64 = 25.5;
/// What a year away from the best years costs, per year squared.
const AGE_COST: f64 = 0.011;
/// New players enter the archives at this age at the earliest.
const YOUNGEST: f64 = 16.5;
/// Nobody plays on beyond this age.
const OLDEST: f64 = 38.0;

/// What the archives say about a player.
#[derive(Debug, Clone)]
pub struct Person {
    /// The archive's id; men and women are numbered independently, so one number can be two people.
    pub id: u32,
    /// Given name, then family name.
    pub name: String,
    /// R, L or U (unknown).
    pub hand: &'static str,
    /// Centimetres, when known.
    pub height: Option<u32>,
    /// IOC country code.
    pub country: &'static str,
    /// The birth date.
    pub birth: Date,
}

impl Person {
    /// Age in years on `date`.
    pub fn age(&self, date: Date) -> f64 {
        (date - self.birth).whole_days() as f64 / 365.25
    }
}

/// A person with what only the generator knows.
#[derive(Debug)]
struct Player {
    person: Rc<Person>,
    talent: f64,
    /// Added to the talent on hard courts, clay and grass.
    taste: [f64; 3],
    career_end: f64,
    /// Ranking points won in each of the last 52 weeks.
    weekly_points: [u32; RANKING_WEEKS],
    points: u32,
    /// Enters no event that starts before this day.
    busy_until: Date,
}

/// The active players of one tour.
#[derive(Debug)]
pub(crate) struct Players {
    tour: Tour,
    random: Random,
    players: Vec<Player>,
    names: HashSet<String>,
    next_id: u32,
    /// Indexes by ranking, best first, as of the current week.
    ranking: Vec<usize>,
    /// Place in the ranking by index, from 1.
    places: Vec<u32>,
    /// Where in `weekly_points` the current week is.
    week: usize,
}

/// Who plays an event, each by index, best ranked first.
#[derive(Debug)]
pub(crate) struct Entries {
    pub(crate) direct: Vec<usize>,
    pub(crate) wild_cards: Vec<usize>,
    pub(crate) qualifying: Vec<usize>,
}

impl Players {
    /// `count` players on the eve of the season `year`, ranked roughly by strength.
    pub(crate) fn new(tour: Tour, seed: u64, count: usize, year: i32) -> Self {
        let mut players = Self {
            tour,
            random: Random::new(seed, if tour == Tour::Men { 1 } else { 2 }),
            players: Vec::with_capacity(count),
            names: HashSet::new(),
            next_id: 200_001,
            ranking: (0..count).collect(),
            places: vec![0; count],
            week: 0,
        };
        for _ in 0..count {
            let spread = players.random.unit();
            let player = players.newcomer(year, YOUNGEST + spread * (OLDEST - YOUNGEST - 4.0));
            players.players.push(player);
        }
        players.give_first_points(year);
        players.rank();
        players
    }

    /// A new season: who is too old is replaced by somebody young.
    pub(crate) fn start_season(&mut self, year: i32) {
        let new_year = new_year(year);
        for index in 0..self.players.len() {
            if self.players[index].person.age(new_year) > self.players[index].career_end {
                let age = YOUNGEST + self.random.unit() * 3.0;
                self.players[index] = self.newcomer(year, age);
            }
        }
    }

    /// A new week: the points of a year ago no longer count, and the ranking is made again.
    pub(crate) fn start_week(&mut self) {
        self.week = (self.week + 1) % RANKING_WEEKS;
        for player in &mut self.players {
            player.points -= player.weekly_points[self.week];
            player.weekly_points[self.week] = 0;
        }
        self.rank();
    }

    /// Who enters the event, or None when too few want to; those who do are busy until it is over.
    pub(crate) fn enter(&mut self, slot: &Slot) -> Option<Entries> {
        let shape = slot.tier.shape();
        let willing = self.willing(slot, &shape);
        let entries = split(willing, &shape)?;
        let weeks = if shape.days > 7 { 2 } else { 1 };
        for &index in entries.direct.iter().chain(&entries.wild_cards).chain(&entries.qualifying) {
            self.players[index].busy_until = slot.start + Duration::weeks(weeks);
        }
        Some(entries)
    }

    /// As many free players as the event needs who want to come, best ranked first.
    fn willing(&mut self, slot: &Slot, shape: &Shape) -> Vec<usize> {
        let count = self.ranking.len() as f64;
        let needed = places_to_fill(shape);
        let mut willing = Vec::with_capacity(needed);
        let first = (slot.tier.floor() * count) as usize;
        for (place, &index) in self.ranking.iter().enumerate().skip(first) {
            let is_free = self.players[index].busy_until <= slot.start;
            if is_free && self.random.chance(slot.tier.appeal(place as f64 / count)) {
                willing.push(index);
                if willing.len() == needed {
                    break;
                }
            }
        }
        willing
    }

    /// How strong the player is on this surface on this day, in units of the tour's spread.
    pub(crate) fn strength(&self, index: usize, surface: Surface, day: Date) -> f64 {
        let player = &self.players[index];
        let off_prime = player.person.age(day) - PRIME_AGE;
        player.talent + player.taste[surface as usize] - AGE_COST * off_prime * off_prime
    }

    /// Adds ranking points, won this week.
    pub(crate) fn add_points(&mut self, index: usize, points: u32) {
        let player = &mut self.players[index];
        player.weekly_points[self.week] += points;
        player.points += points;
    }

    /// The person behind an index.
    pub(crate) fn person(&self, index: usize) -> &Rc<Person> {
        &self.players[index].person
    }

    /// The place in this week's ranking, from 1, and the points now.
    pub(crate) fn standing(&self, index: usize) -> (u32, u32) {
        (self.places[index], self.players[index].points)
    }

    /// The index of everybody in `indexes`, best ranked first.
    pub(crate) fn by_ranking(&self, mut indexes: Vec<usize>) -> Vec<usize> {
        indexes.sort_by_key(|&index| self.places[index]);
        indexes
    }

    /// Sorts the ranking anew.
    fn rank(&mut self) {
        let players = &self.players;
        self.ranking
            .sort_by_key(|&index| (std::cmp::Reverse(players[index].points), players[index].person.id));
        for (place, &index) in self.ranking.iter().enumerate() {
            self.places[index] = place as u32 + 1;
        }
    }

    /// Points as if a year had been played before the first season.
    fn give_first_points(&mut self, year: i32) {
        let day = new_year(year);
        let mut order: Vec<(f64, usize)> = (0..self.players.len())
            .map(|index| (self.strength(index, Surface::Hard, day) + 0.4 * self.random.normal(), index))
            .collect();
        order.sort_by(|one, other| other.0.total_cmp(&one.0));
        for (place, (_, index)) in order.into_iter().enumerate() {
            let player = &mut self.players[index];
            let weekly = 9_000 / (place as u32 + 5) / 8;
            player.weekly_points = [weekly; RANKING_WEEKS];
            player.points = weekly * RANKING_WEEKS as u32;
        }
    }

    /// Somebody of `age` years at the start of `year`, without a past.
    fn newcomer(&mut self, year: i32, age: f64) -> Player {
        let is_woman = self.tour == Tour::Women;
        let (country, name) = loop {
            let (country, name) = names::person(&mut self.random, is_woman);
            if self.names.insert(name.clone()) {
                break (country, name);
            }
        };
        let random = &mut self.random;
        let hand = *random.pick(&["R", "R", "R", "R", "R", "R", "R", "L", "R", "U"]);
        let tallness = if is_woman { 174.0 } else { 186.0 };
        let height = (tallness + 6.0 * random.normal()) as u32;
        let height = (!random.chance(0.15)).then_some(height);
        let birth = new_year(year) - Duration::days((age * 365.25) as i64);
        let talent = random.normal();
        let taste = [0.2 * random.normal(), 0.3 * random.normal(), 0.3 * random.normal()];
        let career_end = (OLDEST - 8.0 * random.unit()).max(age + 1.0);
        let id = self.next_id;
        self.next_id += 1;
        let person = Rc::new(Person { id, name, hand, height, country, birth });
        let weekly_points = [0; RANKING_WEEKS];
        Player { person, talent, taste, career_end, weekly_points, points: 0, busy_until: Date::MIN }
    }
}

/// Everybody an event needs, in the main draw and in qualifying.
fn places_to_fill(shape: &Shape) -> usize {
    shape.players - shape.qualifiers + (shape.qualifiers << shape.qualifying_rounds)
}

/// Who of the `willing`, best ranked first, comes in how; None when they are too few.
fn split(mut willing: Vec<usize>, shape: &Shape) -> Option<Entries> {
    if willing.len() < places_to_fill(shape) {
        return None;
    }
    let direct_count = shape.players - shape.qualifiers - shape.wild_cards;
    let mut rest = willing.split_off(direct_count);
    let wild_cards = rest.split_off(rest.len() - shape.wild_cards);
    Some(Entries { direct: willing, wild_cards, qualifying: rest })
}

/// The first day of a year.
fn new_year(year: i32) -> Date {
    Date::from_ordinal_date(year, 1).unwrap_or(Date::MIN)
}
