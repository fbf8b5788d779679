//! What the demonstration's hourly runs bring: a season up to a Grand Slam's second week, then day by day, with one
//! result that comes late and two that are reported wrong at first.

use time::{Date, Duration, Weekday};

use super::calendar::Tour;
use super::draw::Match;
use super::season::{Event, Options, Season};
use crate::error::{Error, Result};

/// The codes of the men's Grand Slams in January and at the end of August.
const FIRST_SLAM: &str = "580";
const LAST_SLAM: &str = "560";

/// What one run finds in the archives.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// The archives are those of this day's evening.
    pub day: Date,
    /// What is new in them.
    pub text: String,
}

/// A season and the days on which somebody looks at its archives.
#[derive(Debug, Clone)]
pub struct Story {
    /// The season, with what goes wrong in its reports.
    pub season: Season,
    /// In order.
    pub chapters: Vec<Chapter>,
}

impl Story {
    /// The story of `seed`.
    ///
    /// # Errors
    /// An event that the story needs was not held in a season of these `options`.
    pub fn new(seed: u64, options: Options) -> Result<Self> {
        let mut season = Season::new(seed, options);
        let events: Vec<Event> = season.events().collect();
        let slam = find(&events, |event| event.tour == Tour::Men && event.tourney_id.ends_with(LAST_SLAM))?;
        let early_slam =
            find(&events, |event| event.tour == Tour::Men && event.tourney_id.ends_with(FIRST_SLAM))?;
        let smaller = find(&events, |event| event.level == "C" && event.start == slam.start)?;

        // January's final, a last-16 match and a smaller event's final: each in a draw of its own.
        let (old_final, last_16, late) = (last(early_slam)?, of_round(slam, "R16")?, last(smaller)?);
        let (quarter_finals, semi_finals) = (of_round(slam, "QF")?.date, of_round(slam, "SF")?.date);
        let slam_final = last(slam)?.date;
        let day_after = slam_final + Duration::days(1);
        season.report_wrong(early_slam.key_of(old_final), day_after);
        season.report_wrong(slam.key_of(last_16), quarter_finals);
        season.report_late(smaller.key_of(late), semi_finals);

        let chapter = |day, text| Chapter { day, text };
        let name = &slam.name;
        let chapters = vec![
            chapter(late.date - Duration::days(1), format!("the season up to the {name}'s second week")),
            chapter(late.date, "finals of the smaller events; one is not reported yet".to_owned()),
            chapter(last_16.date, "the last 16; one winner is reported wrong".to_owned()),
            chapter(quarter_finals, format!("quarter-finals; corrected: {}", beat(last_16))),
            chapter(
                semi_finals,
                format!("semi-finals; late, {} days: {}", (semi_finals - late.date).whole_days(), beat(late)),
            ),
            chapter(slam_final, "the finals".to_owned()),
            chapter(day_after, format!("corrected, from January: {}", beat(old_final))),
            chapter(day_after, "nothing new".to_owned()),
        ];
        Ok(Self { season, chapters })
    }
}

/// The first event for which `wanted` holds.
fn find(events: &[Event], wanted: impl Fn(&Event) -> bool) -> Result<&Event> {
    events.iter().find(|event| wanted(event)).ok_or_else(|| {
        Error::failed("this made-up season lacks an event that the demonstration needs; try another --seed")
    })
}

/// The first match of a round.
fn of_round<'a>(event: &'a Event, round: &str) -> Result<&'a Match> {
    let found = event.matches.iter().find(|played| played.round == round);
    found.ok_or_else(|| Error::failed(format!("{} has no {round}", event.name)))
}

/// The final.
fn last(event: &Event) -> Result<&Match> {
    of_round(event, "F")
}

/// `Winner beat Loser`, by their family names: a line has no room for more.
fn beat(played: &Match) -> String {
    let family = |name: &'_ str| name.rsplit(' ').next().unwrap_or_default().to_owned();
    format!("{} beat {}", family(&played.winner.person.name), family(&played.loser.person.name))
}

/// `Sun 31 Aug`: short, for a column.
pub(crate) fn short_date(day: Date) -> String {
    let weekday = match day.weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    };
    let month: String = day.month().to_string().chars().take(3).collect();
    format!("{weekday} {:>2} {month}", day.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_has_its_story() {
        for seed in 0..20 {
            let story = Story::new(seed, Options::default()).unwrap();
            let days: Vec<Date> = story.chapters.iter().map(|chapter| chapter.day).collect();
            assert!(days.is_sorted(), "{days:?}");
            assert_eq!(days.len(), 8);
            assert_eq!(short_date(days[1]), "Sun 24 Aug");
        }
    }
}
