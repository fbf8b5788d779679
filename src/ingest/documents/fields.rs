//! The fields of one record: a JSON object whose values are read as what they must be. Every fault is noted, not only the
//! first, so that the author of a feed sees them all at once.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use time::{Date, Time};

use super::super::name;
use super::super::rejects::Reason;
use super::super::row::Fault;
use super::super::temporal::parse_date;
use crate::countries;

/// Reads a JSON object. An optional field that is absent, null or an empty text is None; a field at fault is None too, and noted.
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    faults: Vec<Fault>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(object: &'a Map<String, Value>) -> Self {
        Self { object, faults: Vec::new() }
    }

    /// What was found wrong, in the order of finding.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    pub(super) fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Notes a fault. Returns None, as the value of the field.
    pub(super) fn fault<T>(
        &mut self,
        reason: Reason,
        field: &'static str,
        expected: impl Into<String>,
    ) -> Option<T> {
        self.faults.push((reason, Some(field), expected.into()));
        None
    }

    /// The value of a field that has one.
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.trim().is_empty(),
            _ => true,
        })
    }

    pub(super) fn is_absent(&self, name: &str) -> bool {
        self.value(name).is_none()
    }

    /// The value that `read` finds in the field, which must have one.
    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        if self.is_absent(name) {
            return self.fault(Reason::MissingField, name, "a value; it is required");
        }
        read(self, name)
    }

    /// A text of at most `characters_max` characters, with single spaces and none at the ends.
    pub(super) fn text(&mut self, name: &'static str, characters_max: usize) -> Option<String> {
        let Value::String(text) = self.value(name)? else {
            return self.wrong_type(name, "a text");
        };
        if text.contains('\0') {
            return self.fault(Reason::InvalidText, name, "a text without NUL characters");
        }
        let tidy = name::tidy(text);
        let characters = tidy.chars().count();
        if characters > characters_max {
            let expected = format!("at most {characters_max} characters; these are {characters}");
            return self.fault(Reason::TooLong, name, expected);
        }
        Some(tidy)
    }

    /// A text that is one of these words, whatever its capitals.
    pub(super) fn word<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(name, usize::MAX)?;
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        found.map(|(_, meaning)| *meaning).or_else(|| {
            let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.fault(Reason::BadField, name, format!("one of: {}", list.join(", ")))
        })
    }

    /// A whole number within `range`.
    pub(super) fn integer(&mut self, name: &'static str, range: RangeInclusive<i32>) -> Option<i32> {
        let value = self.value(name)?;
        let Value::Number(number) = value else { return self.wrong_type(name, "a whole number") };
        if number.is_f64() {
            return self.wrong_type(name, "a whole number");
        }
        let number = number.as_i64().and_then(|number| i32::try_from(number).ok());
        number.filter(|number| range.contains(number)).or_else(|| {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            self.fault(Reason::BadField, name, expected)
        })
    }

    /// True or false; false when there is no value.
    pub(super) fn switch(&mut self, name: &'static str) -> bool {
        match self.value(name) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => self.wrong_type(name, "true or false").unwrap_or_default(),
        }
    }

    /// A date, YYYY-MM-DD, in the year of the tournament or a neighbouring one.
    pub(super) fn date(&mut self, name: &'static str, tournament_year: Option<i32>) -> Option<Date> {
        let text = self.text(name, usize::MAX)?;
        let date = parse_date(&text).filter(|_| text.len() == "YYYY-MM-DD".len());
        let Some(date) = date else {
            return self.fault(Reason::BadField, name, "a date of the calendar, YYYY-MM-DD");
        };
        match tournament_year {
            Some(year) if (date.year() - year).abs() > 1 => {
                let expected = format!("a date in tournament_year, {year}, or the year before or after it");
                self.fault(Reason::Contradiction, name, expected)
            }
            _ => Some(date),
        }
    }

    /// A time of day, HH:MM.
    pub(super) fn time(&mut self, name: &'static str) -> Option<Time> {
        let text = self.text(name, usize::MAX)?;
        parse_time(&text)
            .or_else(|| self.fault(Reason::BadField, name, "a time of day, HH:MM from 00:00 to 23:59"))
    }

    /// A country's code of three letters, as the IOC's; None also when it is one that nobody knows.
    pub(super) fn country_code(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(name, usize::MAX)?;
        if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return countries::ioc_code(&text).map(str::to_owned);
        }
        self.fault(Reason::BadField, name, "an IOC country code of three letters, such as ESP")
    }

    /// An object that takes at most `bytes_max` bytes as JSON text; None when it is empty.
    pub(super) fn object(&mut self, name: &'static str, bytes_max: usize) -> Option<Map<String, Value>> {
        let Value::Object(object) = self.value(name)? else {
            return self.wrong_type(name, "an object");
        };
        if object.is_empty() {
            return None;
        }
        if object.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)) {
            return self.fault(Reason::InvalidText, name, "no NUL characters in it");
        }
        let bytes = serde_json::to_string(object).map_or(usize::MAX, |text| text.len());
        if bytes > bytes_max {
            let expected = format!("at most {bytes_max} bytes of JSON; these are {bytes}");
            return self.fault(Reason::TooLong, name, expected);
        }
        Some(object.clone())
    }

    fn wrong_type<T>(&mut self, name: &'static str, expected: &str) -> Option<T> {
        self.fault(Reason::WrongType, name, expected)
    }
}

/// True when a text in the value has a NUL character, which the database cannot hold.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(object) => object.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// `9:30`, `21:05`.
fn parse_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !is_number(hour) || !is_number(minute) {
        return None;
    }
    Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, 0).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::time;

    use super::*;

    #[test]
    fn times() {
        for (text, expected) in
            [("9:30", time!(9:30)), ("09:30", time!(9:30)), ("00:00", time!(0:00)), ("23:59", time!(23:59))]
        {
            assert_eq!(parse_time(text), Some(expected), "{text}");
        }
        for text in ["", ":", "9", "24:00", "12:60", "12:5", "123:00", "+9:30", "9:30 pm", "09:30:00", "٣:30"]
        {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
