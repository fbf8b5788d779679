//! Values as the database sends them, read without detours.

use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};
use serde::Deserialize;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

/// The Julian day of 2000-01-01, from which the database counts days.
const EPOCH_JULIAN_DAY: i32 = 2_451_545;
/// Matches without a known date carry this year in their temporal order.
const YEAR_UNKNOWN: i64 = 9999;

/// The games of a structured score.
pub(super) enum Games {
    /// There is no score, or an empty one.
    None,
    /// Games won by A and by B.
    Won(u32, u32),
    /// The value is not what a score looks like.
    Unreadable,
}

#[derive(Deserialize)]
struct SetScore {
    a: u32,
    b: u32,
}

impl<'a> FromSql<'a> for Games {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        // The first byte of a binary jsonb value is its format version.
        let Ok(sets) = serde_json::from_slice::<Vec<SetScore>>(raw.get(1..).unwrap_or_default()) else {
            return Ok(if raw.get(1..) == Some(b"null") { Self::None } else { Self::Unreadable });
        };
        if sets.is_empty() {
            return Ok(Self::None);
        }
        let sum = sets
            .iter()
            .try_fold((0_u32, 0_u32), |(a, b), set| Some((a.checked_add(set.a)?, b.checked_add(set.b)?)));
        Ok(sum.map_or(Self::Unreadable, |(a, b)| Self::Won(a, b)))
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::None)
    }

    accepts!(JSONB);
}

/// A date as the database sends it: days from 2000-01-01; infinities count as unknown. (The `time` package knows no
/// dates after 9999.)
#[derive(Debug)]
pub struct Day(pub Option<i32>);

impl ToSql for Day {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let Some(day) = self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(&day.to_be_bytes());
        Ok(IsNull::No)
    }

    accepts!(DATE);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Day {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let day = i32::from_be_bytes(raw.try_into()?);
        Ok(Self((day != i32::MAX && day != i32::MIN).then_some(day)))
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    accepts!(DATE);
}

/// The calendar date of a day, unless it lies beyond the year 9999.
pub fn date_of_day(day: i32) -> Option<Date> {
    Date::from_julian_day(day.checked_add(EPOCH_JULIAN_DAY)?).ok()
}

/// The day inside a temporal order, unless it is impossible or stands for "unknown".
pub(super) fn day_of_order(temporal_order: i64) -> Option<i32> {
    let date = temporal_order / 10_000_000;
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    if !(1..YEAR_UNKNOWN).contains(&year) {
        return None;
    }
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    Some(date.to_julian_day() - EPOCH_JULIAN_DAY)
}

/// `now` as the timestamp columns hold it: UTC without a time zone.
pub(super) fn utc(now: OffsetDateTime) -> PrimitiveDateTime {
    let now = now.to_offset(time::UtcOffset::UTC);
    PrimitiveDateTime::new(now.date(), now.time())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_inside_an_order() {
        assert_eq!(day_of_order(200_001_010_000_000), Some(0));
        assert_eq!(day_of_order(202_402_290_123_470), Some(8825));
        assert_eq!(day_of_order(202_302_290_123_470), None);
        assert_eq!(day_of_order(999_912_310_000_050), None);
        assert_eq!(day_of_order(-5), None);
        assert_eq!(day_of_order(i64::MAX), None);
    }
}
