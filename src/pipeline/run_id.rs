//! The id of a run.

use std::io::Read;

use time::{Date, Month, OffsetDateTime, Time};

use crate::error::{Context, Result};

/// `YYYYMMDDTHHMMSSZ-xxxxxxxx`: sorts by the time of the start, `now`; the random half tells apart runs of the same
/// second, on whatever host.
///
/// # Errors
/// The system's source of random numbers cannot be read.
pub fn new(now: OffsetDateTime) -> Result<String> {
    let mut random = [0; 4];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .context(|| "reading /dev/urandom for the run's id")?;
    Ok(format(now, u32::from_be_bytes(random)))
}

/// The id of a run that starts at `now` and drew `random`.
fn format(now: OffsetDateTime, random: u32) -> String {
    let now = now.to_offset(time::UtcOffset::UTC);
    let (year, month, day) = (now.year(), u8::from(now.month()), now.day());
    let (hour, minute, second) = (now.hour(), now.minute(), now.second());
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z-{random:08x}")
}

/// When the run `run_id` began; None when that is not the id of a run.
pub fn began(run_id: &str) -> Option<OffsetDateTime> {
    let (time, random) = run_id.split_once('-')?;
    let is_hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let digits = |range: std::ops::Range<usize>| {
        let text = time.get(range)?;
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok())?
    };
    let two = |start: usize| digits(start..start + 2).and_then(|number| u8::try_from(number).ok());
    if time.len() != 16 || time.get(8..9) != Some("T") || time.get(15..) != Some("Z") {
        return None;
    }
    if random.len() != 8 || !random.bytes().all(is_hexadecimal) {
        return None;
    }
    let month = Month::try_from(two(4)?).ok()?;
    let date = Date::from_calendar_date(digits(0..4)?.into(), month, two(6)?).ok()?;
    let time = Time::from_hms(two(9)?, two(11)?, two(13)?).ok()?;
    Some(OffsetDateTime::new_utc(date, time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_utc_and_every_part_has_its_width() {
        let now = time::macros::datetime!(2026-01-02 01:04:05.9 -02:00);
        assert_eq!(format(now, 0xa1), "20260102T030405Z-000000a1");
    }
    #[test]
    fn the_start_is_read_back_and_nothing_else_is_an_id() {
        let now = time::macros::datetime!(2026-01-02 03:04:05 UTC);
        assert_eq!(began(&format(now, 0xa1)), Some(now));
        for text in [
            "",
            "20260102T030405Z",
            "20260102T030405Z-0000a1",
            "20260102T030405Z-000000A1",
            "20260102T030405Z-000000a1.tmp",
            "20261302T030405Z-000000a1",
            "20260102T030465Z-000000a1",
            "20260102 030405Z-000000a1",
            "2026é102T03040Z-000000a1",
            "+0260102T030405Z-000000a1",
        ] {
            assert_eq!(began(text), None, "{text}");
        }
    }
}
