//! The editions that a feed document speaks of, in memory: what the records say is applied here, and what changed is written
//! afterwards. Pure: no database, clock or file, so that a tournament's whole life can be tested as a function.
//!
//! [`fixture`] is a match; [`result`], [`order_of_play`] and [`place`] apply a record of each kind of document; [`advance`] takes winners and byes to the
//! next round and cancels what will not be played any more.

pub mod advance;
pub mod fixture;
pub mod order_of_play;
pub mod place;
pub mod result;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use time::{Date, Duration, PrimitiveDateTime};

use super::documents::entrant::match_external_id;
use super::documents::event::Source;
use super::rejects::Reason;
use super::temporal::Round;
use fixture::{Fixture, pair_of};

/// An edition of which only one date is known lasts so many days.
const EVENT_DAYS: i64 = 6;
/// The same of a Grand Slam.
const GRAND_SLAM_DAYS: i64 = 13;

/// An edition, as far as its matches depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Its row.
    pub id: i32,
    /// The source's code of the tournament.
    pub code: String,
    /// Its year.
    pub year: i32,
    /// The tournament's level.
    pub level: String,
    /// Who publishes it.
    pub source: Source,
    /// The first day.
    pub start_date: Option<Date>,
    /// The last day.
    pub end_date: Option<Date>,
}

impl Edition {
    /// The day on which a match of `round` is probably played; None when neither the first nor the last day is known.
    fn estimate(&self, round: Round) -> Option<Date> {
        let days = Duration::days(if self.level == "Grand Slam" { GRAND_SLAM_DAYS } else { EVENT_DAYS });
        let start = self.start_date.or_else(|| self.end_date?.checked_sub(days))?;
        let end = self.end_date.or_else(|| start.checked_add(days)).unwrap_or(start);
        Some(round.estimated_date(start, end))
    }
}

/// A place of a draw in which one player stands: a bye, or somebody who waits for an opponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Who stands on side A and on side B: one of them.
    pub players: [Option<i32>; 2],
    /// Their seed.
    pub seed: Option<i32>,
    /// The player goes on without playing.
    pub is_bye: bool,
}

/// When and where a match will be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The day.
    pub date: Date,
    /// The same with the time, UTC.
    pub datetime: Option<PrimitiveDateTime>,
    /// Where.
    pub court: Option<String>,
}

/// Edition, round, and position in it.
pub type PlaceKey = (i32, String, i32);
/// Edition, round, and the two players, the smaller id first.
pub type PairKey = (i32, String, i32, i32);

/// Two players as a record names them.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// A and B of the record.
    pub players: [i32; 2],
    /// Their seeds.
    pub seeds: [Option<i32>; 2],
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It says what is in the book now.
    Taken,
    /// Its match is not there yet: what it says waits.
    Waiting,
    /// It cannot be: why, and what was expected.
    Refused(Reason, String),
}

/// Everything about some editions.
#[derive(Debug, Default)]
pub struct Book {
    /// The editions.
    pub editions: BTreeMap<i32, Edition>,
    /// Their matches; those that the database has come first, in the order of their ids.
    pub fixtures: Vec<Fixture>,
    /// Places in which one player stands.
    pub places: BTreeMap<PlaceKey, Standing>,
    /// Orders of play of matches that are not there.
    pub waiting: BTreeMap<PairKey, Slot>,
    /// The sources' ids of the players.
    pub player_ids: HashMap<(i32, Source), String>,
    /// Draw records that name another pair than the one that played.
    pub superseded: u64,
    /// Matches that records spoke of.
    pub touched: BTreeSet<usize>,
    by_edition: HashMap<i32, Vec<usize>>,
    by_pair: HashMap<PairKey, Vec<usize>>,
    by_external_id: HashMap<String, usize>,
}

impl Book {
    /// Adds a match; returns its place.
    pub fn add(&mut self, fixture: Fixture) -> usize {
        let place = self.fixtures.len();
        if let Some(id) = &fixture.external_id {
            self.by_external_id.insert(id.clone(), place);
        }
        self.fixtures.push(fixture);
        self.index(place);
        place
    }

    /// Makes a match findable by its edition and its pair. One that moves is indexed again; what is found has to be looked at.
    fn index(&mut self, place: usize) {
        let fixture = &self.fixtures[place];
        let (edition_id, (low, high)) = (fixture.tournament_edition_id, fixture.pair());
        self.by_pair.entry((edition_id, fixture.round.clone(), low, high)).or_default().push(place);
        self.by_edition.entry(edition_id).or_default().push(place);
    }

    /// Makes a match that is yet to come, A and B as given.
    fn create(&mut self, edition_id: i32, round: &str, source: Source, pair: Pair) -> usize {
        let mut fixture = Fixture::upcoming(edition_id, round, source.as_str(), pair.players);
        fixture.set_seeds(pair.players, pair.seeds);
        fixture.external_id = self
            .external_id(edition_id, round, source, pair.players)
            .filter(|id| !self.by_external_id.contains_key(id));
        self.add(fixture)
    }

    /// `{year}_{tournament}_{round}_{id1}_{id2}`; None while an id is not known.
    fn external_id(&self, edition_id: i32, round: &str, source: Source, players: [i32; 2]) -> Option<String> {
        let edition = self.editions.get(&edition_id)?;
        let [one, two] = players.map(|player| self.player_ids.get(&(player, source)));
        Some(match_external_id(edition.year, &edition.code, round, [one?, two?]))
    }

    /// Gives the matches of the editions that have no id the one that follows from their players, whose ids may have become known since.
    fn fill_external_ids(&mut self) {
        for place in 0..self.fixtures.len() {
            let fixture = &self.fixtures[place];
            let players = [fixture.player_a_id, fixture.player_b_id];
            let Some(source) = Source::ALL.into_iter().find(|source| source.as_str() == fixture.source)
            else {
                continue;
            };
            if fixture.external_id.is_none()
                && let Some(id) =
                    self.external_id(fixture.tournament_edition_id, &fixture.round, source, players)
                && !self.by_external_id.contains_key(&id)
            {
                self.by_external_id.insert(id.clone(), place);
                self.fixtures[place].external_id = Some(id);
            }
        }
    }

    /// The matches of an edition.
    fn of_edition(&self, edition_id: i32) -> impl Iterator<Item = (usize, &Fixture)> {
        let places = self.by_edition.get(&edition_id).map_or(&[][..], Vec::as_slice);
        let fixtures = places.iter().map(|place| (*place, &self.fixtures[*place]));
        fixtures.filter(move |(_, fixture)| fixture.tournament_edition_id == edition_id)
    }

    /// The match of two players in a round: one that counts before one that was cancelled, the oldest first.
    fn meeting(&self, edition_id: i32, round: &str, players: [i32; 2]) -> Option<usize> {
        let (low, high) = pair_of(players);
        let places = self.by_pair.get(&(edition_id, round.to_owned(), low, high))?;
        let is_here = |place: &&usize| {
            let fixture = &self.fixtures[**place];
            (fixture.tournament_edition_id, fixture.round.as_str()) == (edition_id, round)
        };
        places.iter().filter(is_here).min_by_key(|place| self.fixtures[**place].is_cancelled()).copied()
    }

    /// The matches in a place of the draw that are not cancelled.
    fn occupants(&self, edition_id: i32, round: &str, position: i32) -> Vec<usize> {
        let is_there = |fixture: &Fixture| {
            fixture.draw_position == Some(position) && fixture.round == round && !fixture.is_cancelled()
        };
        self.of_edition(edition_id).filter(|(_, fixture)| is_there(fixture)).map(|(place, _)| place).collect()
    }

    /// Cancels those of these matches that are yet to come; tells whether there was one.
    fn cancel_pending(&mut self, places: &[usize]) -> bool {
        let mut any = false;
        for place in places {
            if self.fixtures[*place].is_pending() {
                self.fixtures[*place].cancel();
                any = true;
            }
        }
        any
    }

    /// Puts the match of this pair, when it is found, or a new one, into a place of the draw. None when it was cancelled and is not to
    /// be played after all: `replaces` tells that another pairing of this place is off.
    fn seat(&mut self, key: (i32, &str, i32), source: Source, pair: Pair, replaces: bool) -> Option<usize> {
        let (edition_id, round, position) = key;
        let place = match self.meeting(edition_id, round, pair.players) {
            Some(place) => place,
            None => self.create(edition_id, round, source, pair),
        };
        self.touched.insert(place);
        let fixture = &mut self.fixtures[place];
        if fixture.is_cancelled() {
            if !replaces {
                return None;
            }
            fixture.revive();
        }
        if fixture.is_terminal() {
            fixture.draw_position = fixture.draw_position.or(Some(position));
            fixture.fill_seeds(pair.players, pair.seeds);
        } else {
            fixture.draw_position = Some(position);
            fixture.set_seeds(pair.players, pair.seeds);
        }
        Some(place)
    }

    /// Brings everything else in line with what the records said: waiting orders of play meet their matches, winners advance, what
    /// will not be played is cancelled, ids that are known now are given, and what changed, or depends on `moved` editions' dates, is placed in time.
    pub fn settle(&mut self, stored: &[Fixture], moved: &[i32]) {
        let edition_ids: Vec<i32> = self.editions.keys().copied().collect();
        for edition_id in edition_ids {
            self.advance(edition_id);
            self.cancel_displaced(edition_id);
            self.cancel_overtaken(edition_id);
        }
        self.apply_waiting();
        self.fill_external_ids();
        for (place, fixture) in self.fixtures.iter_mut().enumerate() {
            let changed =
                stored.get(place) != Some(fixture) || moved.contains(&fixture.tournament_edition_id);
            if let Some(edition) = self.editions.get(&fixture.tournament_edition_id).filter(|_| changed) {
                fixture.place_in_time(|round| edition.estimate(round));
            }
        }
    }
}
