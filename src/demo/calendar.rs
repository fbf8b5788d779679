//! Which events a season has, week by week, and what each kind of event is like.

use time::{Date, Duration, Weekday};

use super::names;

/// The last week with events.
pub(crate) const LAST_WEEK: u8 = 50;

/// Men or women: two tours with calendars, players and archive files of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tour {
    /// The men's: ATP, Challengers, futures.
    Men,
    /// The women's: WTA, ITF.
    Women,
}

/// What an event is played on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    Hard,
    Clay,
    Grass,
}

impl Surface {
    /// The archives' word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "Hard",
            Self::Clay => "Clay",
            Self::Grass => "Grass",
        }
    }
}

/// The kinds of events, most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    GrandSlam,
    Finals,
    LongMasters,
    ShortMasters,
    Tour500,
    Tour250,
    Challenger,
    Futures,
}

/// How an event of a tier is played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Players in the main draw; the draw itself is the next power of two, the rest byes.
    pub(crate) players: usize,
    /// Seeded players.
    pub(crate) seeds: usize,
    /// Places in the main draw that qualifying fills.
    pub(crate) qualifiers: usize,
    /// Rounds of qualifying whose results are published.
    pub(crate) qualifying_rounds: usize,
    /// Places that go to players who would not be in.
    pub(crate) wild_cards: usize,
    /// Days from the start to the final.
    pub(crate) days: i64,
    /// Ranking points of the champion.
    pub(crate) points: u32,
}

impl Tier {
    /// How it is played.
    pub(crate) fn shape(self) -> Shape {
        let shape = |players, seeds, qualifiers, qualifying_rounds, wild_cards, days, points| Shape {
            players,
            seeds,
            qualifiers,
            qualifying_rounds,
            wild_cards,
            days,
            points,
        };
        match self {
            Self::GrandSlam => shape(128, 32, 16, 3, 8, 13, 2_000),
            Self::Finals => shape(8, 8, 0, 0, 0, 6, 1_500),
            Self::LongMasters => shape(96, 32, 12, 2, 5, 11, 1_000),
            Self::ShortMasters => shape(56, 16, 7, 2, 4, 6, 1_000),
            Self::Tour500 => shape(32, 8, 4, 2, 3, 6, 500),
            Self::Tour250 => shape(28, 8, 4, 2, 3, 6, 250),
            Self::Challenger => shape(32, 8, 4, 2, 3, 6, 100),
            Self::Futures => shape(32, 8, 0, 0, 4, 6, 20),
        }
    }

    /// The share of the ranking whose players are too good to come.
    pub(crate) fn floor(self) -> f64 {
        match self {
            Self::Challenger => 0.05,
            Self::Futures => 0.18,
            _ => 0.0,
        }
    }

    /// How likely a player at this place of the ranking (0 first, 1 last) is to come.
    pub(crate) fn appeal(self, place: f64) -> f64 {
        match self {
            Self::GrandSlam | Self::Finals => 0.98,
            Self::LongMasters | Self::ShortMasters => 0.92,
            Self::Tour500 => 0.55,
            Self::Tour250 if place < 0.01 => 0.15,
            Self::Tour250 | Self::Challenger => 0.5,
            Self::Futures => 0.45,
        }
    }

    /// Best of three or five sets.
    pub(crate) fn best_of(self, tour: Tour) -> u8 {
        if self == Self::GrandSlam && tour == Tour::Men { 5 } else { 3 }
    }
}

/// One event of the calendar, before anybody has entered.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) tier: Tier,
    pub(crate) surface: Surface,
    /// The archives' level code.
    pub(crate) level: &'static str,
    pub(crate) name: String,
    /// What stands behind the year in the archives' tourney_id: the same every year.
    pub(crate) code: String,
    /// The Monday it starts.
    pub(crate) start: Date,
}

/// The events that shape a season: first week, tier, surface, code, name. A long event takes two weeks.
const MAJOR_EVENTS: [(u8, Tier, Surface, &str, &str); 14] = [
    (3, Tier::GrandSlam, Surface::Hard, "580", "Southern Cross Open"),
    (9, Tier::LongMasters, Surface::Hard, "404", "Mirage Springs Masters"),
    (11, Tier::LongMasters, Surface::Hard, "403", "Coral Key Masters"),
    (15, Tier::ShortMasters, Surface::Clay, "410", "Rocca Bianca Masters"),
    (17, Tier::LongMasters, Surface::Clay, "1536", "Villa Alta Masters"),
    (19, Tier::ShortMasters, Surface::Clay, "416", "Sette Colli Masters"),
    (21, Tier::GrandSlam, Surface::Clay, "520", "Internationaux d'Ocrebourg"),
    (26, Tier::GrandSlam, Surface::Grass, "540", "Greenmeadow Championships"),
    (31, Tier::ShortMasters, Surface::Hard, "421", "Maple Harbour Masters"),
    (32, Tier::ShortMasters, Surface::Hard, "422", "Millbend Masters"),
    (34, Tier::GrandSlam, Surface::Hard, "560", "Gotham Bay Open"),
    (40, Tier::ShortMasters, Surface::Hard, "5014", "Pearl Delta Masters"),
    (43, Tier::ShortMasters, Surface::Hard, "352", "Grand Quay Masters"),
    (45, Tier::Finals, Surface::Hard, "0605", "Season Finals"),
];

/// How many smaller events a week has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Density {
    pub(crate) tour: usize,
    pub(crate) challengers: usize,
    pub(crate) futures: usize,
}

/// The events of one tour that start in `week` of `year`, most important first.
pub(crate) fn week(tour: Tour, year: i32, week: u8, density: Density) -> Vec<Slot> {
    let start = monday(year, week);
    let mut slots = Vec::new();
    if let Some(&(_, tier, surface, code, name)) = MAJOR_EVENTS.iter().find(|event| event.0 == week) {
        let (name, code) = (name.to_owned(), code.to_owned());
        slots.push(Slot { tier, surface, level: level(tour, tier, 0), name, code, start });
    } else if is_open_to_the_tour(week) {
        slots.extend(
            (0..density.tour)
                .map(|index| smaller(tour, tour_tier(week, index), week, index, density.tour, start)),
        );
    }
    for (tier, count) in [(Tier::Challenger, density.challengers), (Tier::Futures, density.futures)] {
        slots.extend((0..count).map(|index| smaller(tour, tier, week, index, count, start)));
    }
    slots
}

/// The Monday of ISO week `week` of `year`: a season's first days may lie in December, as they do in the archives.
pub(crate) fn monday(year: i32, week: u8) -> Date {
    Date::from_iso_week_date(year, week, Weekday::Monday).unwrap_or(Date::MIN)
}

/// The day on which `round` of an event of `days` days is played: spread as DATABASE.md estimates it, because the
/// archives give only the event's start.
pub(crate) fn day_of(start: Date, days: i64, round: &str) -> Date {
    let share = match round {
        "Q1" => 0.0,
        "Q2" => 0.05,
        "Q3" => 0.10,
        "R128" => 0.15,
        "R64" => 0.25,
        "R32" => 0.40,
        "R16" => 0.55,
        "QF" => 0.70,
        "SF" => 0.85,
        "F" => 1.0,
        _ => 0.5,
    };
    start + Duration::days((days as f64 * share) as i64)
}

/// The tour rests while a long event is in its second week, around the Finals, and out of season.
fn is_open_to_the_tour(week: u8) -> bool {
    let is_second_week = MAJOR_EVENTS
        .iter()
        .any(|event| event.0 + 1 == week && matches!(event.1, Tier::GrandSlam | Tier::LongMasters));
    !is_second_week && week <= 44
}

/// The first event of every third week is a bigger one.
fn tour_tier(week: u8, index: usize) -> Tier {
    if index == 0 && week.is_multiple_of(3) { Tier::Tour500 } else { Tier::Tour250 }
}

/// The `index`th of `count` smaller events of its tier in a week.
fn smaller(tour: Tour, tier: Tier, week: u8, index: usize, count: usize, start: Date) -> Slot {
    let number = usize::from(week) * count + index;
    let level = level(tour, tier, number);
    let (code, name) = match (tier, tour) {
        (Tier::Challenger, Tour::Men) => {
            (format!("{}", 2_000 + number), format!("{} CH", names::place(number + 150)))
        }
        (Tier::Challenger, Tour::Women) => {
            (w_itf_code(number), format!("W{level} {}", names::place(number + 150)))
        }
        (Tier::Futures, Tour::Men) => {
            let code = format!("M-ITF-{}-{number:03}", names::country(number));
            (code, format!("M{level} {}", names::place(number + 220)))
        }
        (Tier::Futures, Tour::Women) => {
            (w_itf_code(number + 5_000), format!("W{level} {}", names::place(number + 220)))
        }
        (_, Tour::Men) => (format!("{}", 6_000 + number), names::place(number)),
        // The women's tour visits other towns: the numbers start elsewhere.
        (_, Tour::Women) => (format!("{}", 8_000 + number), names::place(number + 75)),
    };
    Slot { tier, surface: surface(week, index), level, name, code, start }
}

/// The code of a women's ITF event.
fn w_itf_code(number: usize) -> String {
    format!("W-ITF-{}-{number:04}", names::country(number))
}

/// What a smaller event of this week is played on: the season moves from hard courts to clay, grass, clay and back.
fn surface(week: u8, index: usize) -> Surface {
    match week {
        14..=22 | 27..=30 => Surface::Clay,
        23..=25 if index < 3 => Surface::Grass,
        _ if index % 4 == 3 => Surface::Clay,
        _ => Surface::Hard,
    }
}

/// The archives' level code; it means different things in the men's and the women's files.
fn level(tour: Tour, tier: Tier, number: usize) -> &'static str {
    let pick = |codes: [&'static str; 2]| codes[number % 2];
    match (tier, tour) {
        (Tier::GrandSlam, _) => "G",
        (Tier::Finals, _) => "F",
        (Tier::LongMasters | Tier::ShortMasters, Tour::Men) => "M",
        (Tier::LongMasters | Tier::ShortMasters, Tour::Women) => "PM",
        (Tier::Tour500 | Tier::Tour250, Tour::Men) => "A",
        (Tier::Tour500, Tour::Women) => "P",
        (Tier::Tour250, Tour::Women) => "I",
        (Tier::Challenger, Tour::Men) => "C",
        (Tier::Challenger, Tour::Women) => pick(["100", "60"]),
        (Tier::Futures, Tour::Men) => pick(["25", "15"]),
        (Tier::Futures, Tour::Women) => pick(["25", "15"]),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const DENSITY: Density = Density { tour: 3, challengers: 4, futures: 10 };

    #[test]
    fn codes_are_unique_within_a_season_and_the_same_every_year() {
        for tour in [Tour::Men, Tour::Women] {
            let codes = |year| -> Vec<String> {
                (1..=LAST_WEEK)
                    .flat_map(|number| week(tour, year, number, DENSITY))
                    .map(|slot| slot.code)
                    .collect()
            };
            let unique: HashSet<String> = codes(2025).into_iter().collect();
            assert_eq!(unique.len(), codes(2025).len());
            assert_eq!(codes(2025), codes(2026));
        }
    }

    #[test]
    fn a_season_has_four_grand_slams_and_starts_on_mondays() {
        let slots: Vec<Slot> =
            (1..=LAST_WEEK).flat_map(|number| week(Tour::Men, 2025, number, DENSITY)).collect();
        assert_eq!(slots.iter().filter(|slot| slot.tier == Tier::GrandSlam).count(), 4);
        assert!(slots.iter().all(|slot| slot.start.weekday() == Weekday::Monday));
        assert_eq!(slots[0].start, time::macros::date!(2024 - 12 - 30), "the file's year is not the date's");
    }

    #[test]
    fn rounds_are_played_in_order() {
        let rounds = ["Q1", "Q2", "Q3", "R128", "R64", "R32", "R16", "QF", "SF", "F"];
        let start = monday(2025, 3);
        let days: Vec<Date> = rounds.iter().map(|round| day_of(start, 13, round)).collect();
        assert!(days.is_sorted());
        assert_eq!(days[9], start + Duration::days(13));
    }
}
