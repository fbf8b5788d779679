//! `teelo rankings`.

use lexopt::prelude::*;
use time::{Date, OffsetDateTime};

use super::{parsed_value, print, text_value, unexpected, usage_error};
use crate::error::{Error, Result};
use crate::ingest::levels::TOURS;
use crate::ingest::temporal::parse_date;
use crate::report::rankings::{self, Query};
use crate::{config, db, migrations};

pub(super) const USAGE: &str = "\
Shows who has the highest ELO rating now, or had it after a day of the past. Reads only.

Usage: teelo rankings [OPTIONS]

Options:
  --tour NAME       only players with a match on this tour in the active time: ATP, WTA, CHALLENGER, WTA_125,
                    ITF_MEN, ITF_WOMEN
  --gender NAME     only men, or only women. The two never meet, so their ratings are two scales of their own
  --as-of DATE      the list as it stood after this day (YYYY-MM-DD), exactly: every match up to then and none after,
                    from the ratings that are stored. The active time ends with this day
  --limit N         show at most N players (20)
  --active-days N   leave out who has not played in the N days before the newest rated match, or before DATE (365);
                    0 lists everybody who ever played
  --json            print JSON: schema_version, as_of, active_since, tour, gender, players
  --help            print this

Columns: rating, the current one, without decay for time off; peak, the highest of the career; matches, how many
were rated; last match, the day of the last one. Players with the same rating share a rank. With --as-of all of them
are as they were then, with every late or corrected result known today; matches without a known date come after every
day. When something up to then is still to be rated, standard error says so: `teelo elo` first.

Examples:
  teelo rankings --gender women --limit 50
  teelo rankings --tour CHALLENGER --active-days 90
  teelo rankings --as-of 2016-12-31 --gender men
  teelo rankings --json | jq -r '.players[].name'
";

/// A screenful.
const LIMIT: u32 = 20;
/// A season: who has not played for a year has left the tours' own rankings too.
const ACTIVE_DAYS: u16 = 365;

/// Runs the command; returns the exit code.
pub(crate) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let today = OffsetDateTime::now_utc().date().to_string();
    let mut query =
        Query { today, as_of: None, active_days: ACTIVE_DAYS, tour: None, gender: None, limit: LIMIT };
    let mut json = false;
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Long("help") | Short('h') => return print(USAGE),
            Long("tour") => query.tour = Some(tour(&text_value(parser, "--tour")?)?),
            Long("gender") => query.gender = Some(gender(&text_value(parser, "--gender")?)?),
            Long("as-of") => query.as_of = Some(day(&text_value(parser, "--as-of")?)?),
            Long("limit") => {
                let limit: std::num::NonZeroU32 =
                    parsed_value(parser, "--limit", "a whole number, 1 or more")?;
                query.limit = limit.get();
            }
            Long("active-days") => {
                query.active_days =
                    parsed_value(parser, "--active-days", "a number of days from 0 to 65535")?;
            }
            Long("json") => json = true,
            _ => return Err(unexpected(argument, "teelo rankings")),
        }
    }
    check(&query)?;
    let mut client = db::connect(&config::database_url()?, "rankings")?;
    migrations::require_current(&mut client)?;
    let list = rankings::load(&mut client, &query)?;
    if list.is_pending {
        log::warn!("not everything up to that day is rated yet: this list holds once `teelo elo` has run");
    }
    if json { print(&format!("{:#}\n", list.to_json(&query))) } else { print(&list.to_text(&query)) }
}

/// The tour that `text` names, in any case.
fn tour(text: &str) -> Result<&'static str> {
    TOURS.into_iter().find(|name| name.eq_ignore_ascii_case(text.trim())).ok_or_else(|| {
        Error::usage(format!("--tour: there is no tour {text:?}; there are {}", TOURS.join(", ")))
    })
}

/// The day that `text` names.
fn day(text: &str) -> Result<Date> {
    let is_written_right =
        text.len() == "YYYY-MM-DD".len() && text.starts_with(|first: char| first.is_ascii_digit());
    parse_date(text).filter(|day| is_written_right && *day >= rankings::FIRST_DAY).ok_or_else(|| {
        Error::usage(format!("--as-of: {text:?} is no day; expected YYYY-MM-DD, such as 2024-12-31"))
    })
}

/// The gender that `text` names, in any case.
fn gender(text: &str) -> Result<&'static str> {
    ["men", "women"]
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(text.trim()))
        .ok_or_else(|| Error::usage(format!("--gender: {text:?} is not valid; expected men or women")))
}

/// Refuses a list that must be empty.
fn check(query: &Query) -> Result<()> {
    let (Some(tour), Some(gender)) = (query.tour, query.gender) else { return Ok(()) };
    let of_tour = if matches!(tour, "WTA" | "WTA_125" | "ITF_WOMEN") { "women" } else { "men" };
    if gender == of_tour {
        return Ok(());
    }
    Err(Error::usage(format!("--gender {gender}: {tour} is a tour of {of_tour}; leave --gender out")))
}
