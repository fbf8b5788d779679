//! Where a match stands in time: round order, estimated dates, and `temporal_order` by the database contract.
//! Everything here is a function of the match and its edition alone, so that the order of arrival does not show.

use time::{Date, Duration, Month};

/// A match without any known date stands at the end of time.
const UNKNOWN_DATE: i64 = 99_991_231;

/// A round of a draw, as its code stands in the table of the database contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Its place among the rounds; 0 for an unknown code. Known values never change: they are stored.
    pub order: u8,
    /// How much of the event has passed when it is played, in percent.
    progress_percent: u8,
    /// Two players can meet more than once in it: anything but a known knock-out round.
    pub repeatable: bool,
}

impl Round {
    /// The round of `code`.
    pub fn of(code: &str) -> Self {
        let (order, progress_percent) = match code {
            "Q1" => (1, 0),
            "Q2" => (2, 5),
            "Q3" => (3, 10),
            "Q4" => (4, 50),
            "Q5" => (5, 50),
            "ER" => (6, 50),
            "R128" => (10, 15),
            "R64" => (20, 25),
            "R32" => (30, 40),
            "RR" => (35, 50),
            "R16" => (40, 55),
            "QF" => (50, 70),
            "SF" => (60, 85),
            "BR" => (65, 50),
            "F" => (70, 100),
            _ => (0, 50),
        };
        Self { order, progress_percent, repeatable: matches!(code, "RR" | "ER") || order == 0 }
    }

    /// Whether the code is in the table.
    pub fn is_known(self) -> bool {
        self.order > 0
    }

    /// The day on which it is probably played, in an event from `start` to `end`.
    pub fn estimated_date(self, start: Date, end: Date) -> Date {
        let days = (end - start).whole_days().max(0);
        start.saturating_add(Duration::days(days * i64::from(self.progress_percent) / 100))
    }
}

/// `YYYYMMDD * 10^7 + (edition_id % 100000) * 100 + round order`. `date`: match date, else scheduled date, else the
/// estimate, else None.
pub fn temporal_order(date: Option<Date>, edition_id: i32, round: Round) -> i64 {
    let day = date.map_or(UNKNOWN_DATE, |date| {
        i64::from(date.year()) * 10_000 + i64::from(u8::from(date.month())) * 100 + i64::from(date.day())
    });
    day * 10_000_000 + i64::from(edition_id).rem_euclid(100_000) * 100 + i64::from(round.order)
}

/// The date `YYYY-MM-DD`; None when it is none.
pub fn parse_date(text: &str) -> Option<Date> {
    Date::parse(text, time::macros::format_description!("[year]-[month]-[day]")).ok()
}

/// The date of eight digits, `YYYYMMDD`; None when it is no date of the tennis calendar.
pub fn parse_compact_date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u32 = text.parse().ok()?;
    let year = i32::try_from(number / 10_000).ok()?;
    let month = Month::try_from(u8::try_from(number / 100 % 100).ok()?).ok()?;
    let day = u8::try_from(number % 100).ok()?;
    Date::from_calendar_date(year, month, day).ok().filter(|date| (1850..=2200).contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn the_order_of_rounds_is_that_of_the_contract() {
        let codes =
            ["Q1", "Q2", "Q3", "Q4", "Q5", "ER", "R128", "R64", "R32", "RR", "R16", "QF", "SF", "BR", "F"];
        let orders = [1, 2, 3, 4, 5, 6, 10, 20, 30, 35, 40, 50, 60, 65, 70];
        assert_eq!(codes.map(|code| Round::of(code).order), orders);
        assert!(!Round::of("R256").is_known() && Round::of("R256").order == 0 && Round::of("").order == 0);
        assert!(Round::of("RR").repeatable && Round::of("x").repeatable && !Round::of("F").repeatable);
    }

    #[test]
    fn dates_are_estimated_from_the_round() {
        let (start, week, slam) = (date!(2024 - 01 - 01), date!(2024 - 01 - 07), date!(2024 - 01 - 14));
        let days = |code: &str, end| (Round::of(code).estimated_date(start, end) - start).whole_days();
        let codes = ["Q1", "Q2", "Q3", "R128", "R64", "R32", "RR", "R16", "QF", "SF", "F", "BR", "Q4", "?"];
        assert_eq!(codes.map(|code| days(code, week)), [0, 0, 0, 0, 1, 2, 3, 3, 4, 5, 6, 3, 3, 3]);
        assert_eq!(codes.map(|code| days(code, slam)), [0, 0, 1, 1, 3, 5, 6, 7, 9, 11, 13, 6, 6, 6]);
        assert_eq!(days("F", start), 0);
        assert_eq!(days("F", date!(2023 - 12 - 01)), 0, "an event that ends before it starts");
    }

    #[test]
    fn temporal_orders() {
        let order = |date, edition, round| temporal_order(date, edition, Round::of(round));
        assert_eq!(order(Some(date!(2026 - 02 - 28)), 12, "R32"), 202_602_280_001_230);
        assert_eq!(order(Some(date!(2026 - 02 - 28)), 100_012, "F"), 202_602_280_001_270);
        assert_eq!(order(Some(date!(0033 - 04 - 03)), 99_999, "?"), 3_304_039_999_900);
        assert_eq!(order(None, 7, "SF"), 999_912_310_000_760);
    }

    #[test]
    fn compact_dates() {
        assert_eq!(parse_compact_date("20240229"), Some(date!(2024 - 02 - 29)));
        for text in [
            "20230229",
            "2024022",
            "202402299",
            "20241301",
            "20240100",
            "2024-2-9",
            "18491231",
            "",
            "+2024010",
        ] {
            assert_eq!(parse_compact_date(text), None, "{text}");
        }
    }
}
