//! The top list: who has the highest rating now, or had it after a day of the past.

use postgres::{Client, GenericClient, IsolationLevel, Row};
use serde::Serialize;
use serde_json::{Value, json};
use time::macros::date;
use time::{Date, Duration};

use crate::elo::params::{LevelCode, Parameters};
use crate::elo::replay::Position;
use crate::elo::store;
use crate::error::{Context, Result};

use super::progress::thousands;

/// Grows when a field of the JSON changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;
/// The first day that both the database and this program know.
pub const FIRST_DAY: Date = date!(0001 - 01 - 01);
/// Matches without a known date carry the year 9999 in their temporal order: they come after every day.
const UNKNOWN_DAY_ORDER: i64 = 9999_0000 * ORDERS_PER_DAY;
/// A temporal order is `YYYYMMDD * 10^7` and more within the day.
const ORDERS_PER_DAY: i64 = 10_000_000;
/// Longer names are cut in the table, not in the JSON: the numbers must stay on the terminal.
const NAME_WIDTH_MAX: usize = 40;

/// Which list.
#[derive(Debug, Clone)]
pub struct Query {
    /// Today, `YYYY-MM-DD`: matches dated later do not move the list's day.
    pub today: String,
    /// The list as it stood after this day; None: the list now.
    pub as_of: Option<Date>,
    /// Only players with a match in so many days before the list's day; 0: everybody.
    pub active_days: u16,
    /// Only players with a match on this tour in that time.
    pub tour: Option<&'static str>,
    /// Only `men` or `women`.
    pub gender: Option<&'static str>,
    /// At most so many players.
    pub limit: u32,
}

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct Rankings {
    /// The day asked for, else that of the newest rated match; None when no rated match has a date.
    pub as_of: Option<String>,
    /// Since when a player must have played; None: everybody is listed.
    pub active_since: Option<String>,
    /// Best first.
    pub players: Vec<Ranked>,
    /// Whether anybody is rated at all.
    #[serde(skip)]
    pub is_anybody_rated: bool,
    /// The list may change when `teelo elo` has rated what is pending. Only looked at for a day of the past.
    #[serde(skip)]
    pub is_pending: bool,
}

/// One line of the list.
#[derive(Debug, Clone, Serialize)]
pub struct Ranked {
    /// 1 for the best; players of one rating share a rank.
    pub rank: u64,
    /// `players.id`.
    pub player_id: i32,
    /// The canonical name.
    pub name: String,
    /// IOC code.
    pub country: Option<String>,
    /// `men` or `women`, by the last match.
    pub gender: Option<String>,
    /// The current rating.
    pub rating: f64,
    /// The highest rating of the career.
    pub peak: f64,
    /// Rated matches.
    pub matches: i32,
    /// The day of the last one.
    pub last_match: Option<String>,
}

/// Reads the list.
///
/// # Errors
/// The server's; with `as_of` also that the parameter set in force is wrong.
pub fn load(client: &mut Client, query: &Query) -> Result<Rankings> {
    match query.as_of {
        Some(day) => load_as_of(client, query, day),
        None => load_now(client, query),
    }
}

fn load_now(client: &mut Client, query: &Query) -> Result<Rankings> {
    let place = || "reading the rankings";
    let period = client
        .query_opt(
            include_str!("../../sql/report/rankings_period.sql"),
            &[&query.today, &i32::from(query.active_days)],
        )
        .context(place)?;
    let Some(period) = period else {
        return Ok(Rankings {
            as_of: None,
            active_since: None,
            players: Vec::new(),
            is_anybody_rated: false,
            is_pending: false,
        });
    };
    let active_since: Option<String> = period.get("active_since");
    let active_since_order: i64 = period.get("active_since_order");
    let rows = client
        .query(
            include_str!("../../sql/report/rankings_list.sql"),
            &[&active_since, &active_since_order, &query.tour, &query.gender, &i64::from(query.limit)],
        )
        .context(place)?;
    let players = ranked(&rows, |row| row.get("peak"));
    Ok(Rankings {
        as_of: period.get("as_of"),
        active_since,
        players,
        is_anybody_rated: true,
        is_pending: false,
    })
}

/// What `load_now` would have found when the matches after `day` were not there yet, but for the active time, which
/// ends with `day` itself. All of one snapshot.
fn load_as_of(client: &mut Client, query: &Query, day: Date) -> Result<Rankings> {
    let place = || "reading the rankings of a day";
    let mut snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .context(place)?;
    let end = day.next_day().map_or(UNKNOWN_DAY_ORDER, first_order).min(UNKNOWN_DAY_ORDER);
    let parameters = store::read_parameters(&mut snapshot)?;
    let active_since = (query.active_days > 0).then(|| first_active_day(day, query.active_days));
    snapshot.batch_execute(include_str!("../../sql/report/rankings_as_of_configure.sql")).context(place)?;
    let rows = snapshot
        .query(
            include_str!("../../sql/report/rankings_as_of.sql"),
            &[
                &end,
                &active_since.map(|day| day.to_string()),
                &active_since.map_or(0, first_order),
                &query.tour,
                &query.gender,
                &i64::from(query.limit),
            ],
        )
        .context(place)?;
    Ok(Rankings {
        as_of: Some(day.to_string()),
        active_since: active_since.map(|day| day.to_string()),
        players: ranked(&rows, |row| peak(row, &parameters)),
        is_anybody_rated: true,
        is_pending: is_pending_before(&mut snapshot, end, &parameters)?,
    })
}

/// The first temporal order of `day`.
fn first_order(day: Date) -> i64 {
    let date = i64::from(day.year()) * 10_000 + i64::from(u8::from(day.month())) * 100 + i64::from(day.day());
    date * ORDERS_PER_DAY
}

/// `days` before `day`, but not before the calendar's first day.
fn first_active_day(day: Date, days: u16) -> Date {
    day.saturating_sub(Duration::days(i64::from(days))).max(FIRST_DAY)
}

/// The highest rating of a career, its start included.
fn peak(row: &Row, parameters: &Parameters) -> f64 {
    let start = parameters.start_elo(LevelCode::of(row.get("first_level"), row.get("first_tour")));
    row.get::<_, f64>("highest").max(start)
}

/// Whether a rating before the temporal order `end` may still change: something earlier is pending, or the ratings were
/// made with other parameters than are in force.
fn is_pending_before(client: &mut impl GenericClient, end: i64, parameters: &Parameters) -> Result<bool> {
    let earliest = store::earliest_pending(client, Position::START)?;
    if earliest.is_some_and(|position| position.temporal_order < end) {
        return Ok(true);
    }
    let made_with = store::latest_version(client)?;
    Ok(made_with.is_some_and(|version| version.as_deref() != Some(parameters.version.as_str())))
}

/// The rows with their ranks. They come best first.
fn ranked(rows: &[Row], peak: impl Fn(&Row) -> f64) -> Vec<Ranked> {
    let mut players: Vec<Ranked> = Vec::with_capacity(rows.len());
    for (row, place) in rows.iter().zip(1..) {
        let rating: f64 = row.get("rating");
        let rank = players.last().filter(|above| above.rating == rating).map_or(place, |above| above.rank);
        players.push(Ranked {
            rank,
            player_id: row.get("player_id"),
            name: row.get("name"),
            country: row.get("country"),
            gender: row.get("gender"),
            rating,
            peak: peak(row),
            matches: row.get("matches"),
            last_match: row.get("last_match"),
        });
    }
    players
}

impl Rankings {
    /// The list as one JSON object, with what was asked for.
    pub fn to_json(&self, query: &Query) -> Value {
        json!({
            "schema_version": SCHEMA_VERSION,
            "as_of": self.as_of,
            "active_since": self.active_since,
            "tour": query.tour,
            "gender": query.gender,
            "players": self.players,
        })
    }

    /// The list for a person: a heading, and a table.
    pub fn to_text(&self, query: &Query) -> String {
        if !self.is_anybody_rated {
            return "No player is rated yet. Bring matches in with `teelo ingest`, then rate them with `teelo elo`.\n"
                .to_owned();
        }
        let heading = self.heading(query);
        if self.players.is_empty() {
            let hint = if self.active_since.is_some() { " (--active-days 0 lists everybody)" } else { "" };
            return format!("{heading}\n\nNobody fits{hint}.\n");
        }
        format!("{heading}\n\n{}", self.table(query.tour.is_none() && query.gender.is_none()))
    }

    /// `ELO ratings on 2024-12-30: ATP; players with a match since 2023-12-31`.
    fn heading(&self, query: &Query) -> String {
        let day = self.as_of.as_deref().unwrap_or("an unknown day");
        let who = match (query.tour, query.gender) {
            (Some(tour), _) => tour,
            (None, Some(gender)) => gender,
            (None, None) => "men and women",
        };
        let active = match &self.active_since {
            Some(day) => format!("players with a match since {day}"),
            None => "everybody who ever played".to_owned(),
        };
        format!("ELO ratings on {day}: {who}; {active}")
    }

    fn table(&self, with_gender: bool) -> String {
        let mut rows = vec![COLUMNS.map(|column| column.0.to_owned())];
        rows.extend(self.players.iter().map(Ranked::cells));
        let widths: [usize; COLUMNS.len()] =
            std::array::from_fn(|index| rows.iter().map(|cells| width(&cells[index])).max().unwrap_or(0));
        let mut text = String::new();
        for cells in &rows {
            let line: Vec<String> = (0..COLUMNS.len())
                .filter(|index| with_gender || COLUMNS[*index].0 != "gender")
                .map(|index| pad(&cells[index], COLUMNS[index].1, widths[index]))
                .collect();
            text.push_str(line.join("  ").trim_end());
            text.push('\n');
        }
        text
    }
}

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The table's columns.
const COLUMNS: [(&str, Side); 8] = [
    ("rank", Side::Right),
    ("name", Side::Left),
    ("country", Side::Left),
    ("gender", Side::Left),
    ("rating", Side::Right),
    ("peak", Side::Right),
    ("matches", Side::Right),
    ("last match", Side::Left),
];

impl Ranked {
    /// The cells of one row.
    fn cells(&self) -> [String; COLUMNS.len()] {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        [
            self.rank.to_string(),
            shown_name(&self.name),
            text(&self.country),
            text(&self.gender),
            format!("{:.2}", self.rating),
            format!("{:.2}", self.peak),
            thousands(u64::try_from(self.matches).unwrap_or(0)),
            text(&self.last_match),
        ]
    }
}

/// A name that fits its column and cannot steer the terminal.
fn shown_name(name: &str) -> String {
    let clean: String =
        name.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect();
    if width(&clean) <= NAME_WIDTH_MAX {
        return clean;
    }
    let mut cut = String::new();
    let mut columns = 0;
    for character in clean.chars() {
        columns += character_width(character);
        if columns >= NAME_WIDTH_MAX {
            break;
        }
        cut.push(character);
    }
    cut + "…"
}

/// `text` in a column of `columns`.
fn pad(text: &str, side: Side, columns: usize) -> String {
    let blanks = " ".repeat(columns.saturating_sub(width(text)));
    match side {
        Side::Left => format!("{text}{blanks}"),
        Side::Right => format!("{blanks}{text}"),
    }
}

/// How many columns of a terminal `text` takes.
fn width(text: &str) -> usize {
    text.chars().map(character_width).sum()
}

/// Names are Latin with few exceptions: combining accents take no column, East Asian characters two.
fn character_width(character: char) -> usize {
    match character {
        '\u{0300}'..='\u{036f}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_accented_names_keep_the_columns() {
        assert_eq!(width("Novak Đoković"), 13);
        assert_eq!(width("Novak \u{110}okovic\u{301}"), 13);
        assert_eq!(width("錦織圭"), 6);
        assert_eq!(pad("錦織圭", Side::Left, 8), "錦織圭  ");
        assert_eq!(pad("7", Side::Right, 3), "  7");
    }

    #[test]
    fn names_that_are_too_long_or_not_printable_are_shown_safely() {
        let shown = shown_name(&"é".repeat(60));
        assert_eq!((width(&shown), shown.ends_with("é…")), (NAME_WIDTH_MAX, true));
        let shown = shown_name(&"錦".repeat(30));
        assert!(width(&shown) <= NAME_WIDTH_MAX, "{shown}");
        assert_eq!(shown_name("a\u{1b}[31mb"), "a\u{fffd}[31mb");
        assert_eq!(shown_name(&"x".repeat(NAME_WIDTH_MAX)), "x".repeat(NAME_WIDTH_MAX));
    }
}
