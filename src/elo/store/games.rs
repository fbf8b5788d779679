//! The games in a structured score, read from its JSON text without building the sets.

use postgres::types::{FromSql, Type, accepts};
use serde::Deserialize;

use super::copy_rows::Field;

/// The games of a structured score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Games {
    /// The games of a structured score as JSON text.
    fn of_json(text: &[u8]) -> Self {
        usual(text).unwrap_or_else(|| Self::of_any_json(text))
    }

    fn of_any_json(text: &[u8]) -> Self {
        let Ok(sets) = serde_json::from_slice::<Vec<SetScore>>(text) else {
            return if text == b"null" { Self::None } else { Self::Unreadable };
        };
        if sets.is_empty() {
            return Self::None;
        }
        let sum = sets
            .iter()
            .try_fold((0_u32, 0_u32), |(a, b), set| Some((a.checked_add(set.a)?, b.checked_add(set.b)?)));
        sum.map_or(Self::Unreadable, |(a, b)| Self::Won(a, b))
    }
}

impl Field<'_> for Games {
    const EXPECTED: &'static str = "a jsonb value";

    fn read(bytes: &[u8]) -> Option<Self> {
        // The first byte of a binary jsonb value is its format version.
        bytes.strip_prefix(&[1]).map(Self::of_json)
    }
}

impl<'a> FromSql<'a> for Games {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::of_json(raw.get(1..).unwrap_or_default()))
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::None)
    }

    accepts!(JSONB);
}

/// The games of a score that is written as the server writes nearly all of them:
/// `[{"a": 7, "b": 6, "tb_a": 7, "tb_b": 5}, {"a": 6, "b": 0}]`. None: it has another shape, or is no score.
///
/// The general reader costs more than the rating of the match.
fn usual(text: &[u8]) -> Option<Games> {
    let (mut games_a, mut games_b) = (0_u32, 0_u32);
    let mut rest = text.strip_prefix(b"[")?;
    loop {
        rest = rest.strip_prefix(b"{\"a\": ")?;
        games_a = games_a.checked_add(take_number(&mut rest)?)?;
        rest = rest.strip_prefix(b", \"b\": ")?;
        games_b = games_b.checked_add(take_number(&mut rest)?)?;
        for tie_break in [b", \"tb_a\": ", b", \"tb_b\": "] {
            if let Some(after) = rest.strip_prefix(tie_break) {
                rest = after;
                take_number(&mut rest)?;
            }
        }
        rest = rest.strip_prefix(b"}")?;
        match rest {
            b"]" => return Some(Games::Won(games_a, games_b)),
            _ => rest = rest.strip_prefix(b", ")?,
        }
    }
}

/// A number below 1000 at the beginning of `text`.
fn take_number(text: &mut &[u8]) -> Option<u32> {
    let digits = text.iter().take_while(|letter| letter.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    if !(1..=3).contains(&digits) || (digits > 1 && number[0] == b'0') {
        return None;
    }
    *text = rest;
    Some(number.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn games_are_summed() {
        let of = |text: &str| Games::of_json(text.as_bytes());
        assert_eq!(of(r#"[{"a": 7, "b": 6, "tb_a": 7, "tb_b": 5}, {"a": 6, "b": 0}]"#), Games::Won(13, 6));
        assert_eq!(of(r#"[{"a": 70, "b": 68, "tb_b": 5}]"#), Games::Won(70, 68));
        assert_eq!(of(r#"[{"a": 1000, "b": 4294967295}]"#), Games::Won(1000, u32::MAX));
        assert_eq!(of(r#"[{"b": 6, "a": 2, "note": "x"}]"#), Games::Won(2, 6));
        assert_eq!(of("[]"), Games::None);
        assert_eq!(of("null"), Games::None);
        for text in [
            r#"[{"a": 4294967295, "b": 1}, {"a": 1, "b": 1}]"#,
            r#"[{"a": -1, "b": 1}]"#,
            r#"[{"a": 06, "b": 1}]"#,
        ] {
            assert_eq!(of(text), Games::Unreadable, "{text}");
        }
        for text in
            ["", "[", "{}", "[1]", r#"[{"a": 6}]"#, r#"[{"a": 6, "b": 4}] "x""#, r#"[{"a": 6.0, "b": 4}]"#]
        {
            assert_eq!(of(text), Games::Unreadable, "{text}");
        }
    }

    #[test]
    fn the_usual_shape_is_read_as_any_other() {
        const PIECES: [&str; 24] = [
            "[",
            "]",
            "{",
            "}",
            "{\"a\": ",
            ", \"b\": ",
            ", \"tb_a\": ",
            ", \"tb_b\": ",
            ", ",
            ",",
            " ",
            "0",
            "1",
            "6",
            "7",
            "70",
            "999",
            "1000",
            "05",
            "-1",
            "6.5",
            "null",
            "\"",
            "\u{e9}",
        ];
        let mut seed = 1_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let mut usual_ones = 0;
        for _ in 0..200_000 {
            // A score of the usual shape with up to two pieces put in or taken out.
            let mut pieces = vec!["["];
            for set in 0..random(4) {
                pieces.extend(if set == 0 { None } else { Some(", ") });
                pieces.extend(["{\"a\": ", PIECES[11 + random(6)], ", \"b\": ", PIECES[11 + random(6)]]);
                if random(3) == 0 {
                    pieces.extend([
                        ", \"tb_a\": ",
                        PIECES[11 + random(8)],
                        ", \"tb_b\": ",
                        PIECES[11 + random(8)],
                    ]);
                }
                pieces.push("}");
            }
            pieces.push("]");
            for _ in 0..random(3) {
                match random(2) {
                    0 => pieces.insert(random(pieces.len()), PIECES[random(PIECES.len())]),
                    _ => _ = pieces.remove(random(pieces.len())),
                }
            }
            let text = pieces.concat();
            usual_ones += u32::from(usual(text.as_bytes()).is_some());
            assert_eq!(Games::of_json(text.as_bytes()), Games::of_any_json(text.as_bytes()), "{text}");
        }
        assert!((20_000..180_000).contains(&usual_ones), "{usual_ones} of the usual shape");
    }
}
