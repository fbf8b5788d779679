//! How alike two normalised names are, and whom an abbreviated one fits. Pure.

use std::cmp::Ordering;

/// More than the error of a few operations on small numbers.
const ROUNDING: f64 = 1e-9;

/// The trigrams of a name, as PostgreSQL's `pg_trgm` makes them: of every word of letters and digits, with two spaces before and
/// one behind it, each three neighbouring characters, each once. So the measure is the same on a server with the extension and on
/// one without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigrams(Vec<[char; 3]>);

impl Trigrams {
    /// The trigrams of a normalised name.
    pub fn of(name: &str) -> Self {
        let mut trigrams = Vec::with_capacity(name.len() + 2);
        for word in name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let padded: Vec<char> = "  ".chars().chain(word.chars()).chain(" ".chars()).collect();
            trigrams.extend(padded.windows(3).map(|three| [three[0], three[1], three[2]]));
        }
        trigrams.sort_unstable();
        trigrams.dedup();
        Self(trigrams)
    }

    /// What both share, over what either has: from 0 to 1, as `similarity()` of `pg_trgm`. None when it is less than `least`, which is
    /// found out early: of most pairs of names only a few trigrams are compared.
    pub fn similarity(&self, other: &Self, least: f64) -> Option<f64> {
        let (one, two) = (&self.0, &other.0);
        // shared / (shared + differing) >= least, and shared is not more than what the shorter has.
        let differing_max = one.len().min(two.len()) as f64 * (1.0 - least) / least + ROUNDING;
        if one.len().abs_diff(two.len()) as f64 > differing_max {
            return None;
        }
        let (mut a, mut b, mut shared, mut differing) = (0, 0, 0, 0);
        while a < one.len() && b < two.len() {
            let order = one[a].cmp(&two[b]);
            a += usize::from(order.is_le());
            b += usize::from(order.is_ge());
            match order {
                Ordering::Equal => shared += 1,
                _ if f64::from(differing) > differing_max => return None,
                _ => differing += 1,
            }
        }
        let all = one.len() + two.len() - shared;
        let similarity = if all == 0 { 0.0 } else { shared as f64 / all as f64 };
        (similarity >= least).then_some(similarity)
    }
}

/// A name of which the given names are only initials: `j. pegula`, `j.l. struff`, `pegula j.`
#[derive(Debug, PartialEq, Eq)]
pub struct Abbreviated<'a> {
    initials: Vec<char>,
    family: Vec<&'a str>,
}

impl<'a> Abbreviated<'a> {
    /// The initials and the family name of a normalised name; None when nothing is abbreviated in it.
    pub fn of(name: &'a str) -> Option<Self> {
        let words: Vec<&str> = name.split([' ', '.']).filter(|word| !word.is_empty()).collect();
        let is_initial = |word: &&str| word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        let leading = words.iter().take_while(|word| is_initial(word)).count();
        let trailing = words.iter().rev().take_while(|word| is_initial(word)).count();
        let (initials, family) = match (leading, trailing) {
            (0, 0) => return None,
            (0, _) => (&words[words.len() - trailing..], &words[..words.len() - trailing]),
            _ => (&words[..leading], &words[leading..]),
        };
        if family.is_empty() {
            return None;
        }
        let initials = initials.iter().filter_map(|word| word.chars().next()).collect();
        Some(Self { initials, family: family.to_vec() })
    }

    /// The last word of the family name, which whom it is short for has too.
    pub fn last_word(&self) -> &'a str {
        self.family.last().copied().unwrap_or_default()
    }

    /// Whether it can be short for `name`: the same family name, and given names that begin with these letters.
    pub fn fits(&self, name: &str) -> bool {
        let words: Vec<&str> = name.split_whitespace().collect();
        let Some(given_count) = words.len().checked_sub(self.family.len()).filter(|count| *count > 0) else {
            return false;
        };
        let (given, family) = words.split_at(given_count);
        let given: Vec<&str> = given.iter().flat_map(|word| word.split(['-', '.'])).collect();
        family == self.family
            && self.initials.len() <= given.len()
            && self.initials.iter().zip(&given).all(|(initial, word)| word.starts_with(*initial))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarity(one: &str, two: &str) -> f64 {
        Trigrams::of(one).similarity(&Trigrams::of(two), 0.0).unwrap_or_default()
    }

    #[test]
    fn similarities_are_those_of_pg_trgm() {
        // SELECT similarity('word', 'two words') gives 0.36363637.
        assert!((similarity("word", "two words") - 4.0 / 11.0).abs() < 1e-12);
        assert_eq!(similarity("ana garcia-lopez", "ana garcia lopez"), 1.0);
        assert_eq!(similarity("lopez ana", "ana lopez"), 1.0);
        assert_eq!(similarity("ana", ""), 0.0);
        assert_eq!(similarity("", ""), 0.0);
        assert!(similarity("ana lopez", "ana lopes") < 0.95);
    }

    #[test]
    fn what_is_less_than_asked_for_is_none() {
        let names =
            ["", "ana", "ana lopez", "lopez ana", "ana maria lopez garcia", "ana maria lopez garcias", "bo"];
        for (one, two) in names.iter().flat_map(|one| names.map(|two| (*one, two))) {
            let exact = similarity(one, two);
            for least in [0.1, 0.5, 0.8, 0.9, 0.95, 1.0] {
                let found = Trigrams::of(one).similarity(&Trigrams::of(two), least);
                assert_eq!(found, (exact >= least).then_some(exact), "{one:?} {two:?} {least}");
            }
        }
    }

    #[test]
    fn abbreviations() {
        let fits = |short: &str, name: &str| Abbreviated::of(short).is_some_and(|short| short.fits(name));
        for (short, name) in [
            ("j. pegula", "jessica pegula"),
            ("j pegula", "jessica pegula"),
            ("pegula j.", "jessica pegula"),
            ("j.l. struff", "jan-lennard struff"),
            ("j. struff", "jan-lennard struff"),
            ("a. de minaur", "alex de minaur"),
            ("m. lopez garcia", "maria jose lopez garcia"),
        ] {
            assert!(fits(short, name), "{short} {name}");
        }
        for (short, name) in [
            ("j. pegula", "pegula"),
            ("k. pegula", "jessica pegula"),
            ("j. minaur", "alex de minaur"),
            ("j.l.s. struff", "jan-lennard struff"),
            ("jessica pegula", "jessica pegula"),
            ("j.", "jessica"),
            ("j. k.", "jessica k"),
        ] {
            assert!(!fits(short, name), "{short} {name}");
        }
    }
}
