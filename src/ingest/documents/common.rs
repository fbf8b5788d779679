//! What the records of all feed documents share: the event, the two players, and how a match ended.

use time::Date;

use super::super::name;
use super::super::rejects::Reason;
use super::super::score::{self, Problem, Score, Status};
use super::fields::Fields;

/// The fields that every record may have.
pub const COMMON_FIELDS: [&str; 21] = [
    "source",
    "tournament_id",
    "tournament_year",
    "tournament_name",
    "tournament_level",
    "tournament_surface",
    "tournament_location",
    "tournament_country_ioc",
    "tournament_start_date",
    "tournament_end_date",
    "tour",
    "gender",
    "round",
    "player_a_name",
    "player_a_external_id",
    "player_a_seed",
    "player_a_nationality",
    "player_b_name",
    "player_b_external_id",
    "player_b_seed",
    "player_b_nationality",
];

/// `canonical_name`, `alias` and a tournament's `name` hold this many characters.
const NAME_LENGTH_MAX: usize = 255;
/// `tournaments.tournament_code` holds this many characters.
const CODE_LENGTH_MAX: usize = 30;
/// `tournaments.level` holds this many characters.
const LEVEL_LENGTH_MAX: usize = 30;
/// `tournaments.city` and `.country` hold this many characters.
const PLACE_LENGTH_MAX: usize = 100;
/// `players.atp_id` and its sisters hold this many characters.
const PLAYER_ID_LENGTH_MAX: usize = 20;
/// `matches.round` holds this many characters.
const ROUND_LENGTH_MAX: usize = 20;
/// `matches.score` holds this many characters.
const SCORE_LENGTH_MAX: usize = 100;
/// The first Championships were in 1877; a year after the last is a slip.
const YEARS: std::ops::RangeInclusive<i32> = 1877..=2100;
/// No draw has more seeds than players.
const SEEDS: std::ops::RangeInclusive<i32> = 1..=256;
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
        let name = fields.required("tournament_name", |fields, name| fields.text(name, NAME_LENGTH_MAX));
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

/// One of the two sides of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The fields `player_a_…`.
    A,
    /// The fields `player_b_…`.
    B,
}

/// A player as a record names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// As written, spaces folded.
    pub name: String,
    /// By which two spellings are the same; never empty.
    pub normalised: String,
    /// The source's id, as written.
    pub external_id: Option<String>,
    /// From 1.
    pub seed: Option<i32>,
    /// Three letters.
    pub nationality: Option<String>,
}

/// What a side of a match names.
#[derive(Debug)]
pub(super) enum Named {
    /// A person.
    Player(Entrant),
    /// The empty side of a bye.
    Bye,
    /// Nobody, or a qualifier or the like: not known yet.
    Open,
}

/// The fields of one side.
struct SideFields {
    name: &'static str,
    external_id: &'static str,
    seed: &'static str,
    nationality: &'static str,
}

const SIDE_FIELDS: [SideFields; 2] = [
    SideFields {
        name: "player_a_name",
        external_id: "player_a_external_id",
        seed: "player_a_seed",
        nationality: "player_a_nationality",
    },
    SideFields {
        name: "player_b_name",
        external_id: "player_b_external_id",
        seed: "player_b_seed",
        nationality: "player_b_nationality",
    },
];

impl Side {
    fn fields(self) -> &'static SideFields {
        &SIDE_FIELDS[self as usize]
    }

    /// The name of the field that names this side's player.
    pub(super) fn name_field(self) -> &'static str {
        self.fields().name
    }
}

impl Named {
    /// Reads one side. None when a field is at fault.
    pub(super) fn read(fields: &mut Fields<'_>, side: Side) -> Option<Self> {
        let names = side.fields();
        let is_open = fields.is_absent(names.name);
        let name = fields.text(names.name, NAME_LENGTH_MAX);
        let external_id = read_player_id(fields, names.external_id);
        let seed = fields.integer(names.seed, SEEDS);
        let nationality = fields.country_code(names.nationality);
        if is_open {
            if external_id.is_some() {
                return fields.fault(Reason::MissingField, names.name, "the name of the player with this id");
            }
            return Some(Self::Open);
        }
        let name = name?;
        let normalised = name::normalise(&name);
        match normalised.as_str() {
            "bye" => return Some(Self::Bye),
            "tbd"
            | "tba"
            | "to be determined"
            | "unknown"
            | "unknown player"
            | "u unknown"
            | "qualifier"
            | "lucky loser"
            | "qualifier / lucky loser"
            | "qualifier/lucky loser" => return Some(Self::Open),
            _ => {}
        }
        if normalised.contains('/') {
            return fields.fault(Reason::BadField, names.name, "one player's name: doubles are not taken");
        }
        if !normalised.chars().any(char::is_alphabetic) || normalised.contains(['(', '[']) {
            let expected = "a name, without seed or entry marks such as (1) or [WC]";
            return fields.fault(Reason::BadField, names.name, expected);
        }
        if normalised.chars().count() > NAME_LENGTH_MAX {
            let expected =
                format!("a name of at most {NAME_LENGTH_MAX} characters, also without accents and ligatures");
            return fields.fault(Reason::TooLong, names.name, expected);
        }
        Some(Self::Player(Entrant { name, normalised, external_id, seed, nationality }))
    }
}

fn read_player_id(fields: &mut Fields<'_>, name: &'static str) -> Option<String> {
    let id = fields.text(name, PLAYER_ID_LENGTH_MAX)?;
    if id.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return fields.fault(Reason::BadField, name, "an id without spaces");
    }
    Some(id)
}

/// Both players of a match, who must be known.
pub(super) fn read_players(fields: &mut Fields<'_>) -> Option<[Entrant; 2]> {
    let mut read_player = |side: Side| {
        if fields.is_absent(side.name_field()) {
            return fields.fault(Reason::MissingField, side.name_field(), "a value; it is required");
        }
        match Named::read(fields, side)? {
            Named::Player(player) => Some(player),
            Named::Bye | Named::Open => fields.fault(
                Reason::UnknownPlayer,
                side.name_field(),
                "a player: a bye or an open place is no match",
            ),
        }
    };
    let (a, b) = (read_player(Side::A), read_player(Side::B));
    let players = [a?, b?];
    check_different(fields, &players);
    Some(players)
}

/// Notes a fault when both are the same player: by their ids, or by their names when one has no id (two people can share a name).
pub(super) fn check_different(fields: &mut Fields<'_>, [a, b]: &[Entrant; 2]) {
    let field = match (&a.external_id, &b.external_id) {
        (Some(a), Some(b)) => (a == b).then_some("player_b_external_id"),
        _ => (a.normalised == b.normalised).then_some("player_b_name"),
    };
    if let Some(field) = field {
        fields.fault::<()>(Reason::SamePlayer, field, "two different players");
    }
}

/// `{year}_{tournament}_{round}_{id1}_{id2}`, the ids sorted as text; None while one is not known. At most 98 characters.
pub fn match_external_id(event: &Event, round: &str, players: &[Entrant; 2]) -> Option<String> {
    let (a, b) = (players[0].external_id.as_deref()?, players[1].external_id.as_deref()?);
    let (first, second) = (a.min(b), a.max(b));
    Some(format!("{}_{}_{round}_{first}_{second}", event.year, event.code))
}

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

/// Reads `winner_name` and `score_raw`. `status`: how the record says the match ended, None when it does not. None when there is
/// no winner, or a fault.
pub(super) fn read_decision(
    fields: &mut Fields<'_>,
    status: Option<Status>,
    players: &[Entrant; 2],
) -> Option<Decision> {
    let winner_name = fields.text("winner_name", NAME_LENGTH_MAX);
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
