//! The id of a run.

use std::io::Read;

use time::OffsetDateTime;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_utc_and_every_part_has_its_width() {
        let now = time::macros::datetime!(2026-01-02 01:04:05.9 -02:00);
        assert_eq!(format(now, 0xa1), "20260102T030405Z-000000a1");
    }
}
