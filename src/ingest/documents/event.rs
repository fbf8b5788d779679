//! The edition of a tournament that a record belongs to, and its round.

use time::Date;

use super::fields::Fields;
use crate::ingest::name;
use crate::ingest::rejects::Reason;

/// `tournaments.tournament_code` holds this many characters.
const CODE_LENGTH_MAX: usize = 30;
/// `tournaments.level` holds this many characters.
const LEVEL_LENGTH_MAX: usize = 30;
/// `tournaments.city` and `.country` hold this many characters.
const PLACE_LENGTH_MAX: usize = 100;
/// `matches.round` holds this many characters.
const ROUND_LENGTH_MAX: usize = 20;
/// The first Championships were in 1877; a year after the last is a slip.
const YEARS: std::ops::RangeInclusive<i32> = 1877..=2100;
/// What begins so belongs to the match archives.
const RESERVED_CODE_PREFIX: &str = "sackmann:";

/// Who publishes a record: it decides which ids the players have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The men's tour; ids are `players.atp_id`.
    Atp,
    /// The women's tour; ids are `players.wta_id`.
    Wta,
    /// The ITF; ids are `players.itf_id`.
    Itf,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Atp, Self::Wta, Self::Itf];

    /// As `matches.source` and `player_aliases.source` have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Atp => "atp",
            Self::Wta => "wta",
            Self::Itf => "itf",
        }
    }
}

/// Who plays an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gender {
    /// `men`
    Men,
    /// `women`
    Women,
}

impl Gender {
    /// As `tournaments.gender` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Men => "men",
            Self::Women => "women",
        }
    }

    /// Whom a level is for, when only one can play it.
    fn of_level(level: &str) -> Option<Self> {
        let begins = |words: &[&str]| words.iter().any(|word| level.starts_with(word));
        if begins(&["WTA", "ITF W"]) {
            Some(Self::Women)
        } else if begins(&["ATP", "Masters 1000", "Challenger", "ITF M"]) {
            Some(Self::Men)
        } else {
            None
        }
    }

    fn of_tour(tour: &str) -> Option<Self> {
        match tour {
            "ATP" | "CHALLENGER" | "ITF_MEN" => Some(Self::Men),
            "WTA" | "WTA_125" | "ITF_WOMEN" => Some(Self::Women),
            _ => None,
        }
    }
}

/// The edition of a tournament that a record belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who publishes it.
    pub source: Source,
    /// `tournaments.tournament_code`: the source's own.
    pub code: String,
    /// `tournament_editions.year`
    pub year: i32,
    /// `tournaments.name`
    pub name: String,
    /// `tournaments.level`, as written.
    pub level: String,
    /// `Hard`, `Clay`, `Grass` or `Carpet`.
    pub surface: &'static str,
    /// One of [`TOURS`](crate::ingest::levels::TOURS).
    pub tour: &'static str,
    /// Who plays it.
    pub gender: Gender,
    /// The location up to its first comma.
    pub city: Option<String>,
    /// The location from its last comma on.
    pub country: Option<String>,
    /// Three letters.
    pub country_ioc: Option<String>,
    /// The first day.
    pub start_date: Option<Date>,
    /// The last day.
    pub end_date: Option<Date>,
}

impl Event {
    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let source = fields.required("source", |fields, name| fields.word(name, &SOURCES));
        let code = fields.required("tournament_id", |fields, name| fields.text(name, CODE_LENGTH_MAX));
        if code.as_ref().is_some_and(|code| code.starts_with(RESERVED_CODE_PREFIX)) {
            let expected = format!("a code of the source's; {RESERVED_CODE_PREFIX} is for match archives");
            fields.fault::<()>(Reason::BadField, "tournament_id", expected);
        }
        let year = fields.required("tournament_year", |fields, name| fields.integer(name, YEARS));
        let name = fields.required("tournament_name", |fields, field| fields.text(field, name::LENGTH_MAX));
        let level = fields.required("tournament_level", |fields, name| fields.text(name, LEVEL_LENGTH_MAX));
        let surface = fields.required("tournament_surface", |fields, name| fields.word(name, &SURFACES));
        let (city, country) = read_location(fields);
        let country_ioc = fields.country_code("tournament_country_ioc");
        let start_date = fields.date("tournament_start_date", year);
        let end_date = fields.date("tournament_end_date", year);
        if let (Some(start), Some(end)) = (start_date, end_date)
            && end < start
        {
            let expected = format!("a date not before tournament_start_date, {start}");
            fields.fault::<()>(Reason::Contradiction, "tournament_end_date", expected);
        }
        let tour = fields.word("tour", &TOUR_WORDS);
        let gender = fields.word("gender", &[("men", Gender::Men), ("women", Gender::Women)]);
        if fields.has_faults() {
            return None;
        }
        let ((source, source_gender), level) = (source?, level?);
        let (tour, gender) = kind(fields, source, source_gender, &level, tour, gender)?;
        let (code, year, name, surface) = (code?, year?, name?, surface?);
        Some(Self {
            source,
            code,
            year,
            name,
            level,
            surface,
            tour,
            gender,
            city,
            country,
            country_ioc,
            start_date,
            end_date,
        })
    }
}

/// The source, and the gender that Teelo's names of the ITF's two tours tell.
const SOURCES: [(&str, (Source, Option<Gender>)); 5] = [
    ("atp", (Source::Atp, Some(Gender::Men))),
    ("wta", (Source::Wta, Some(Gender::Women))),
    ("itf", (Source::Itf, None)),
    ("itf_men", (Source::Itf, Some(Gender::Men))),
    ("itf_women", (Source::Itf, Some(Gender::Women))),
];

const SURFACES: [(&str, &str); 4] =
    [("Hard", "Hard"), ("Clay", "Clay"), ("Grass", "Grass"), ("Carpet", "Carpet")];

/// The tours, and how else Teelo writes them.
const TOUR_WORDS: [(&str, &str); 8] = [
    ("ATP", "ATP"),
    ("WTA", "WTA"),
    ("CHALLENGER", "CHALLENGER"),
    ("WTA_125", "WTA_125"),
    ("WTA 125", "WTA_125"),
    ("ITF_MEN", "ITF_MEN"),
    ("ITF_WOMEN", "ITF_WOMEN"),
    ("ITF", "ITF"),
];

/// City and country: before the first comma, and behind the last.
fn read_location(fields: &mut Fields<'_>) -> (Option<String>, Option<String>) {
    let Some(location) = fields.text("tournament_location", usize::MAX) else { return (None, None) };
    let part = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (city, country) = match (location.split_once(','), location.rsplit_once(',')) {
        (Some((city, _)), Some((_, country))) => (part(city), part(country)),
        _ => (part(&location), None),
    };
    let is_long =
        |text: &Option<String>| text.as_ref().is_some_and(|text| text.chars().count() > PLACE_LENGTH_MAX);
    if is_long(&city) || is_long(&country) {
        let expected = format!("a city and a country of at most {PLACE_LENGTH_MAX} characters each");
        fields.fault::<()>(Reason::TooLong, "tournament_location", expected);
    }
    (city, country)
}

/// The tour and the gender of an event, from what was said and what follows from it.
fn kind(
    fields: &mut Fields<'_>,
    source: Source,
    source_gender: Option<Gender>,
    level: &str,
    tour: Option<&'static str>,
    gender: Option<Gender>,
) -> Option<(&'static str, Gender)> {
    let level_gender = Gender::of_level(level);
    // Which of its two tours an event of the ITF's belongs to follows from the gender.
    let tour = tour.filter(|tour| !(source == Source::Itf && *tour == "ITF"));
    let told = source_gender.or(gender).or(tour.and_then(Gender::of_tour)).or(level_gender);
    let Some(told) = told else {
        let expected = "men or women: neither the source, the tour nor the level tells";
        return fields.fault(Reason::MissingField, "gender", expected);
    };
    let (whose, source_name) = (told.as_str(), source.as_str());
    let conflict = |other: Option<Gender>| other.is_some_and(|other| other != told);
    if conflict(gender) {
        return fields.fault(Reason::Contradiction, "gender", format!("{whose}, as the source tells"));
    }
    if conflict(level_gender) {
        let expected = format!("a level of {whose}'s events");
        return fields.fault(Reason::Contradiction, "tournament_level", expected);
    }
    let possible: &[&str] = match (source, told) {
        (Source::Atp, _) => &["ATP", "CHALLENGER"],
        (Source::Wta, _) => &["WTA", "WTA_125"],
        (Source::Itf, Gender::Men) => &["ITF_MEN", "ATP", "CHALLENGER"],
        (Source::Itf, Gender::Women) => &["ITF_WOMEN", "WTA", "WTA_125"],
    };
    let tour = tour.unwrap_or(match level {
        "Challenger" | "ATP Challenger" if source == Source::Atp => "CHALLENGER",
        "WTA 125" if source == Source::Wta => "WTA_125",
        _ => possible[0],
    });
    if !possible.contains(&tour) {
        let expected = format!("one of {}, for {whose} and source {source_name}", possible.join(", "));
        return fields.fault(Reason::Contradiction, "tour", expected);
    }
    Some((tour, told))
}

/// The round's code, as written.
pub(super) fn read_round(fields: &mut Fields<'_>) -> Option<String> {
    fields.required("round", |fields, name| fields.text(name, ROUND_LENGTH_MAX))
}
