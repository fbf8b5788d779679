//! A made-up history of tennis: one or more seasons of men's and women's events, played week by week. It is the
//! same for the same seed and options, and it streams: memory does not grow with the number of matches.

use std::collections::{HashMap, VecDeque};

use time::Date;

use super::calendar::{self, Density, Slot, Tier, Tour};
use super::draw::{self, Match};
use super::players::Players;
use super::random::Random;

/// Fewer players cannot fill a Grand Slam's draw and its qualifying.
pub const FEWEST_PLAYERS: usize = 300;

/// How large the made-up history is. The default is one season of about 18,000 matches; two tours of 1,800
/// players with 3, 4 and 12 events a week play about 64,000 matches a season.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The first season's year.
    pub first_year: i32,
    /// Seasons.
    pub years: u32,
    /// Active players of each tour, at least [`FEWEST_PLAYERS`].
    pub players: usize,
    /// Events of level 500 and 250 in a week that has such events, a tour.
    pub tour_events: usize,
    /// Challengers a week, a tour (the women's are the larger ITF events).
    pub challengers: usize,
    /// Futures a week, a tour (the women's are the smaller ITF events).
    pub futures: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { first_year: 2025, years: 1, players: 700, tour_events: 2, challengers: 1, futures: 2 }
    }
}

/// The archive files: which part of a season each holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Archive {
    /// The men's main draws.
    AtpMain,
    /// The men's qualifying, and Challengers.
    AtpQualifyingChallengers,
    /// The men's futures.
    AtpFutures,
    /// The women's main draws.
    WtaMain,
    /// The women's qualifying, and ITF events.
    WtaQualifyingItf,
}

/// One event, played to the end.
#[derive(Debug, Clone)]
pub struct Event {
    /// Whose event.
    pub tour: Tour,
    /// The season, which names the file; the event may start in the December before.
    pub season: i32,
    /// The archives' id: year and code.
    pub tourney_id: String,
    /// What people call it.
    pub name: String,
    /// Hard, Clay or Grass.
    pub surface: &'static str,
    /// Positions of the main draw, byes included.
    pub draw_size: u32,
    /// The archives' level code.
    pub level: &'static str,
    /// The Monday it starts.
    pub start: Date,
    /// In the order of play.
    pub matches: Vec<Match>,
    tier: Tier,
}

impl Event {
    /// The file that holds this match of the event.
    pub fn archive_of(&self, tennis_match: &Match) -> Archive {
        let is_qualifying = matches!(tennis_match.round, "Q1" | "Q2" | "Q3");
        match (self.tour, self.tier) {
            (Tour::Men, Tier::Futures) => Archive::AtpFutures,
            (Tour::Men, Tier::Challenger) => Archive::AtpQualifyingChallengers,
            (Tour::Men, _) if is_qualifying => Archive::AtpQualifyingChallengers,
            (Tour::Men, _) => Archive::AtpMain,
            (Tour::Women, Tier::Futures | Tier::Challenger) => Archive::WtaQualifyingItf,
            (Tour::Women, _) if is_qualifying => Archive::WtaQualifyingItf,
            (Tour::Women, _) => Archive::WtaMain,
        }
    }

    /// What names one of its matches.
    pub fn key_of(&self, tennis_match: &Match) -> MatchKey {
        MatchKey { tour: self.tour, tourney_id: self.tourney_id.clone(), number: tennis_match.number }
    }
}

/// Names a match.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MatchKey {
    /// Whose event.
    pub tour: Tour,
    /// The archives' id of the event.
    pub tourney_id: String,
    /// The number within the event.
    pub number: u32,
}

/// A result that does not come as it should.
#[derive(Debug, Clone, Copy)]
enum Mishap {
    /// Not reported before this day.
    Late(Date),
    /// Reported with the two players exchanged before this day.
    Wrong(Date),
}

/// How a result is reported on a given day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// Not yet.
    Unknown,
    /// As it was.
    Right,
    /// With the two players exchanged.
    Exchanged,
}

/// A made-up history and how it is reported.
#[derive(Debug, Clone)]
pub struct Season {
    seed: u64,
    options: Options,
    mishaps: HashMap<MatchKey, Mishap>,
}

impl Season {
    /// The history of `seed`. Fewer players than [`FEWEST_PLAYERS`] count as so many.
    pub fn new(seed: u64, options: Options) -> Self {
        let options = Options { players: options.players.max(FEWEST_PLAYERS), ..options };
        Self { seed, options, mishaps: HashMap::new() }
    }

    /// From now on the archives do not have the result of this match before `day`.
    pub fn report_late(&mut self, key: MatchKey, day: Date) {
        self.mishaps.insert(key, Mishap::Late(day));
    }

    /// From now on the archives name the wrong winner of this match before `day`.
    pub fn report_wrong(&mut self, key: MatchKey, day: Date) {
        self.mishaps.insert(key, Mishap::Wrong(day));
    }

    /// Plays the history from its beginning, event by event, by their start.
    pub fn events(&self) -> Events {
        Events::new(self.seed, self.options)
    }

    /// How the archives of the evening of `up_to` show a match of `event`.
    pub(crate) fn report(&self, event: &Event, tennis_match: &Match, up_to: Date) -> Report {
        if tennis_match.date > up_to {
            return Report::Unknown;
        }
        // Nearly always empty: then no key is made.
        let mishap =
            if self.mishaps.is_empty() { None } else { self.mishaps.get(&event.key_of(tennis_match)) };
        match mishap {
            Some(Mishap::Late(day)) if up_to < *day => Report::Unknown,
            Some(Mishap::Wrong(day)) if up_to < *day => Report::Exchanged,
            _ => Report::Right,
        }
    }
}

/// The events of a history, one after the other.
#[derive(Debug)]
pub struct Events {
    options: Options,
    tours: [(Tour, Players, Random); 2],
    year: i32,
    week: u8,
    ready: VecDeque<Event>,
}

impl Events {
    fn new(seed: u64, options: Options) -> Self {
        let year = options.first_year;
        let tours = [(Tour::Men, 3), (Tour::Women, 4)].map(|(tour, stream)| {
            (tour, Players::new(tour, seed, options.players, year), Random::new(seed, stream))
        });
        Self { options, tours, year, week: 0, ready: VecDeque::new() }
    }

    /// Plays the next week of both tours; false when the last season is over.
    fn play_week(&mut self) -> bool {
        if self.week == calendar::LAST_WEEK {
            self.week = 0;
            self.year += 1;
        }
        if self.year >= self.options.first_year + self.options.years as i32 {
            return false;
        }
        self.week += 1;
        let Options { tour_events, challengers, futures, .. } = self.options;
        let density = Density { tour: tour_events, challengers, futures };
        for (tour, players, random) in &mut self.tours {
            if self.week == 1 && self.year > self.options.first_year {
                players.start_season(self.year);
            }
            players.start_week();
            for slot in calendar::week(*tour, self.year, self.week, density) {
                self.ready.extend(play_event(*tour, self.year, slot, players, random));
            }
        }
        true
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        while self.ready.is_empty() && self.play_week() {}
        self.ready.pop_front()
    }
}

/// Plays an event of the calendar, unless too few players enter.
fn play_event(
    tour: Tour,
    year: i32,
    slot: Slot,
    players: &mut Players,
    random: &mut Random,
) -> Option<Event> {
    let entries = players.enter(&slot)?;
    let played = draw::play(tour, &slot, players, random, entries);
    for (index, points) in played.awards {
        players.add_points(index, points);
    }
    Some(Event {
        tour,
        season: year,
        tourney_id: format!("{year}-{}", slot.code),
        name: slot.name,
        surface: slot.surface.as_str(),
        draw_size: slot.tier.shape().players.next_power_of_two() as u32,
        level: slot.level,
        start: slot.start,
        matches: played.matches,
        tier: slot.tier,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::demo::score;

    fn small() -> Options {
        Options { players: 400, challengers: 1, futures: 1, tour_events: 1, ..Options::default() }
    }

    fn events(seed: u64) -> Vec<Event> {
        Season::new(seed, small()).events().collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_history() {
        let text = |seed| format!("{:?}", events(seed));
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }

    #[test]
    fn every_score_is_possible() {
        for event in events(3) {
            for played in &event.matches {
                assert!(score::is_possible(&played.score, played.best_of), "{} {}", event.name, played.score);
                let is_long = event.level == "G"
                    && event.tour == Tour::Men
                    && event.archive_of(played) == Archive::AtpMain;
                assert_eq!(played.best_of, if is_long { 5 } else { 3 });
                assert_ne!(played.winner.person.id, played.loser.person.id);
            }
        }
    }

    /// Every knock-out round's players are the winners of the round before, or enter with a bye or from outside.
    #[test]
    fn every_draw_is_consistent() {
        let rounds = ["R128", "R64", "R32", "R16", "QF", "SF", "F"];
        let events = events(4);
        assert!(events.len() > 150, "{}", events.len());
        for event in &events {
            let mut alive: Option<HashSet<u32>> = None;
            for (index, round) in rounds.iter().enumerate() {
                let played: Vec<&Match> =
                    event.matches.iter().filter(|played| played.round == *round).collect();
                if played.is_empty() {
                    assert!(alive.is_none(), "{}: {round} is missing", event.name);
                    continue;
                }
                let left = 1 << (rounds.len() - index - 1);
                let players: HashSet<u32> = played
                    .iter()
                    .flat_map(|played| [played.winner.person.id, played.loser.person.id])
                    .collect();
                assert_eq!(players.len(), played.len() * 2, "{}: nobody plays twice in {round}", event.name);
                match &alive {
                    None if event.level != "F" => {
                        let byes = left - played.len();
                        let in_main_draw = |played: &&Match| !matches!(played.round, "Q1" | "Q2" | "Q3");
                        let entrants = people(event.matches.iter().filter(in_main_draw)).len();
                        assert_eq!(event.draw_size as usize, left * 2);
                        assert_eq!(byes, left * 2 - entrants, "{}", event.name);
                    }
                    None => assert_eq!(played.len(), 2),
                    Some(winners) => {
                        assert_eq!(played.len(), left, "{} {round}", event.name);
                        assert!(winners.is_subset(&players), "{}: every winner plays on", event.name);
                    }
                }
                alive = Some(played.iter().map(|played| played.winner.person.id).collect());
            }
            assert_eq!(alive.map(|winners| winners.len()), Some(1), "{} has one champion", event.name);
        }
    }

    /// The ids of who plays these matches.
    fn people<'a>(matches: impl Iterator<Item = &'a Match>) -> HashSet<u32> {
        matches.flat_map(|played| [played.winner.person.id, played.loser.person.id]).collect()
    }

    #[test]
    fn qualifiers_have_won_their_qualifying() {
        for event in events(5).iter().filter(|event| event.level == "G") {
            let last: HashSet<u32> = event
                .matches
                .iter()
                .filter(|played| played.round == "Q3")
                .map(|played| played.winner.person.id)
                .collect();
            let qualified: HashSet<u32> = event
                .matches
                .iter()
                .filter(|played| played.round == "R128")
                .flat_map(|played| [&played.winner, &played.loser])
                .filter(|side| side.entry == "Q")
                .map(|side| side.person.id)
                .collect();
            assert_eq!(last.len(), 16);
            assert_eq!(last, qualified);
        }
    }

    #[test]
    fn the_finals_are_two_groups_of_four() {
        let events = events(6);
        let finals: Vec<&Event> = events.iter().filter(|event| event.level == "F").collect();
        assert_eq!(finals.len(), 2, "men and women");
        for event in finals {
            let mut played: HashMap<u32, u32> = HashMap::new();
            for group in event.matches.iter().filter(|played| played.round == "RR") {
                *played.entry(group.winner.person.id).or_default() += 1;
                *played.entry(group.loser.person.id).or_default() += 1;
            }
            assert_eq!(played.len(), 8);
            assert!(played.values().all(|count| *count == 3));
            assert_eq!(event.matches.len(), 15);
        }
    }

    #[test]
    fn nobody_plays_two_events_at_once() {
        let mut weeks: HashMap<(Tour, Date, u32), String> = HashMap::new();
        for event in events(7) {
            let people = people(event.matches.iter());
            let is_long = matches!((event.level, event.draw_size), ("G", _) | ("M" | "PM", 128));
            for week in 0..if is_long { 2 } else { 1 } {
                for person in &people {
                    let week = event.start + time::Duration::weeks(week);
                    let before = weeks.insert((event.tour, week, *person), event.tourney_id.clone());
                    assert_eq!(before, None, "player {person} at {}", event.tourney_id);
                }
            }
        }
    }

    #[test]
    fn the_strong_reach_the_top_and_the_old_make_room() {
        let options = Options { years: 3, ..small() };
        let mut titles: HashMap<u32, u32> = HashMap::new();
        let mut everybody = HashSet::new();
        for event in Season::new(8, options).events().filter(|event| event.tour == Tour::Women) {
            everybody.extend(people(event.matches.iter()));
            for played in &event.matches {
                if played.round == "F" && matches!(event.level, "G" | "PM") {
                    *titles.entry(played.winner.person.id).or_default() += 1;
                }
            }
        }
        assert!(titles.values().max() > Some(&5), "somebody dominates: {titles:?}");
        assert!(titles.len() > 3, "and does not win everything: {titles:?}");
        assert!(everybody.len() > 420, "newcomers came: {}", everybody.len());
    }

    #[test]
    fn late_and_wrong_reports() {
        let mut season = Season::new(9, small());
        let event = season.events().next().expect("an event");
        let played = &event.matches[0];
        let day = |days| played.date + time::Duration::days(days);
        assert_eq!(season.report(&event, played, day(-1)), Report::Unknown);
        assert_eq!(season.report(&event, played, day(0)), Report::Right);
        season.report_late(event.key_of(played), day(2));
        assert_eq!(season.report(&event, played, day(1)), Report::Unknown);
        assert_eq!(season.report(&event, played, day(2)), Report::Right);
        season.report_wrong(event.key_of(played), day(2));
        assert_eq!(season.report(&event, played, day(1)), Report::Exchanged);
        assert_eq!(season.report(&event, played, day(2)), Report::Right);
    }
}
