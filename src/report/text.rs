//! How the reports for people write times, numbers, and what others wrote.

use super::progress::thousands;
use super::runs::DIED;

/// Longer errors are cut: the artifacts and --json have all of them.
const ERROR_WIDTH: usize = 160;

/// A line without blanks at its end.
pub(super) fn line(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

/// `3.2 s`, `16 min 39 s`; nothing when there is none.
pub(super) fn duration(seconds: Option<f64>) -> String {
    match seconds {
        Some(seconds) if seconds < 60.0 => format!("{seconds:.1} s"),
        Some(seconds) => {
            let whole = seconds.round() as u64;
            format!("{} min {:02} s", thousands(whole / 60), whole % 60)
        }
        None => String::new(),
    }
}

/// A time of any length as people say it: `12 s`, `5 min`, `3 h 12 min`, `4 days`. What is negative is none.
pub(super) fn span(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} min", seconds / 60),
        3600..=172_799 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} days", thousands(seconds / 86_400)),
    }
}

pub(super) fn number(count: i64) -> String {
    thousands(count.unsigned_abs())
}

/// `1 name`, `2 names`.
pub(super) fn plural(count: i64, word: &str) -> String {
    format!("{} {word}{}", number(count), if count == 1 { "" } else { "s" })
}

/// Text of others that cannot steer the terminal.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

/// The first line of an error, cut when it is long.
pub(super) fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("");
    let mut shown: String = clean(line).chars().take(ERROR_WIDTH).collect();
    if shown.len() < line.len() && line.chars().count() > ERROR_WIDTH {
        shown.push('…');
    }
    shown
}

/// Colours, where they are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    pub(super) is_coloured: bool,
}

impl Paint {
    const RED: u8 = 31;
    const GREEN: u8 = 32;
    const YELLOW: u8 = 33;
    const CYAN: u8 = 36;

    pub(super) fn good(self, text: &str) -> String {
        self.paint(Self::GREEN, text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.paint(Self::RED, text)
    }

    /// `text` in the colour of `status`.
    pub(super) fn status(self, status: &str, text: &str) -> String {
        match status {
            "success" => self.paint(Self::GREEN, text),
            "partial" | "retry" | "timed_out" | "interrupted" => self.paint(Self::YELLOW, text),
            "failed" | "abandoned" | DIED => self.paint(Self::RED, text),
            "running" => self.paint(Self::CYAN, text),
            _ => text.to_owned(),
        }
    }

    fn paint(self, colour: u8, text: &str) -> String {
        if self.is_coloured { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let spans = [-5.0, 59.9, 60.0, 3599.0, 3600.0, 11_555.0, 172_799.0, 172_800.0].map(span);
        assert_eq!(
            spans,
            ["0 s", "59 s", "1 min", "59 min", "1 h 0 min", "3 h 12 min", "47 h 59 min", "2 days"]
        );
        assert_eq!(
            [Some(0.04), Some(59.94), Some(999.0), None].map(duration),
            ["0.0 s", "59.9 s", "16 min 39 s", ""]
        );
    }

    #[test]
    fn an_error_is_one_line_that_cannot_steer_the_terminal() {
        assert_eq!(first_line("\n  a\u{1b}[2J\tb \nsecond"), "a\u{fffd}[2J\u{fffd}b");
        let long = first_line(&"é".repeat(500));
        assert_eq!((long.chars().count(), long.ends_with("é…")), (ERROR_WIDTH + 1, true));
        assert_eq!(first_line(&"é".repeat(ERROR_WIDTH)), "é".repeat(ERROR_WIDTH));
        assert_eq!(first_line(""), "");
    }
}
