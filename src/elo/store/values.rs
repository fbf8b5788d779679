//! Values as the database sends them, read without detours.

use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};
use time::Date;

use super::copy_rows::Field;

/// The Julian day of 2000-01-01, from which the database counts days.
const EPOCH_JULIAN_DAY: i32 = 2_451_545;
/// Matches without a known date carry this year in their temporal order.
const YEAR_UNKNOWN: i64 = 9999;

/// A date as the database sends it: days from 2000-01-01; infinities count as unknown. (The `time` package knows no
/// dates after 9999.)
#[derive(Debug)]
pub struct Day(pub Option<i32>);

impl Day {
    fn of_days(days: i32) -> Self {
        Self((days != i32::MAX && days != i32::MIN).then_some(days))
    }
}

impl Field<'_> for Day {
    const EXPECTED: &'static str = "a date";

    fn read(bytes: &[u8]) -> Option<Self> {
        i32::read(bytes).map(Self::of_days)
    }
}

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
        Ok(Self::of_days(i32::from_be_bytes(raw.try_into()?)))
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    accepts!(DATE);
}

/// An amount in cents, in the database a numeric with two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cents(pub i32);

/// A numeric is made of digits to this base.
const NUMERIC_BASE: i64 = 10_000;
/// In front of the digits of a numeric: how many, the power of the first, the sign, the decimals shown; two bytes each.
const NUMERIC_HEADER_BYTES: usize = 8;
const NUMERIC_NEGATIVE: u16 = 0x4000;

impl ToSql for Cents {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let sign = if self.0 < 0 { NUMERIC_NEGATIVE } else { 0 };
        let hundredths = i64::from(self.0).abs();
        let whole = hundredths / 100;
        // The powers 1, 0 and -1 of the base; zeros at both ends are left out.
        let digits = [whole / NUMERIC_BASE, whole % NUMERIC_BASE, hundredths % 100 * 100];
        let begin = digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len());
        let end = digits.iter().rposition(|digit| *digit != 0).map_or(begin, |last| last + 1);
        let weight = if begin == end { 0 } else { 1 - begin as i16 };
        out.extend_from_slice(&((end - begin) as i16).to_be_bytes());
        out.extend_from_slice(&weight.to_be_bytes());
        out.extend_from_slice(&sign.to_be_bytes());
        out.extend_from_slice(&2_i16.to_be_bytes());
        for digit in &digits[begin..end] {
            out.extend_from_slice(&(*digit as i16).to_be_bytes());
        }
        Ok(IsNull::No)
    }

    accepts!(NUMERIC);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Cents {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        cents_of_numeric(raw).map(Self).ok_or_else(|| "expected an amount with at most two decimals".into())
    }

    accepts!(NUMERIC);
}

impl Field<'_> for Cents {
    const EXPECTED: &'static str = "an amount with at most two decimals";

    fn read(bytes: &[u8]) -> Option<Self> {
        cents_of_numeric(bytes).map(Self)
    }
}

/// The cents of a numeric as the database sends it; None: it is no number, has more than two decimals, or is too large.
fn cents_of_numeric(raw: &[u8]) -> Option<i32> {
    let (header, digits) = raw.split_at_checked(NUMERIC_HEADER_BYTES)?;
    let number = |bytes: &[u8]| u16::from_be_bytes([bytes[0], bytes[1]]);
    let weight = i32::from(number(&header[2..]).cast_signed());
    let sign = match number(&header[4..]) {
        0 => 1,
        NUMERIC_NEGATIVE => -1,
        _ => return None,
    };
    let mut hundredths = 0_i64;
    for (index, digit) in digits.chunks_exact(2).enumerate() {
        let digit = i64::from(number(digit));
        hundredths += match weight - i32::try_from(index).ok()? {
            1 => digit * NUMERIC_BASE * 100,
            0 => digit * 100,
            -1 if digit % 100 == 0 => digit / 100,
            _ => return None,
        };
    }
    i32::try_from(sign * hundredths).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_come_back_as_they_went() {
        let some = [0, 1, -1, 99, 100, 150_007, -150_000, 999_999, 1_000_000, 99_999_999, -99_999_999];
        for cents in some.into_iter().chain((0..20_000).map(|step| step * 4_999 - 49_990_000)) {
            let mut raw = BytesMut::new();
            Cents(cents).to_sql(&Type::NUMERIC, &mut raw).unwrap();
            assert_eq!(cents_of_numeric(&raw), Some(cents));
        }
        assert_eq!(cents_of_numeric(&[0, 0, 0, 0, 0xC0, 0, 0, 0]), None, "NaN");
        assert_eq!(cents_of_numeric(&[0, 1]), None, "cut off");
        assert_eq!(cents_of_numeric(&[0, 1, 0xFF, 0xFF, 0, 0, 0, 3, 0, 1]), None, "0.0001");
    }

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
