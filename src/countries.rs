//! Countries: the codes that `nationality_ioc` may hold, and what else sources write for them.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::ingest::name;

/// A line a country: `CODE = OTHER OTHER: Name; Name`. Lines that begin with `#`, and empty ones, say nothing.
const TABLE: &str = include_str!("countries.txt");

/// What is written for a country that nobody knows. ITF stands for players without one.
const UNKNOWN: [&str; 4] = ["", "?", "UNK", "ITF"];

/// The code of every spelling: codes in capitals, names as [`spelling`] has them.
static CODES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut codes = HashMap::new();
    for (code, other_codes, names) in lines() {
        codes.insert(code.to_owned(), code);
        codes.extend(other_codes.split_whitespace().map(|other| (other.to_owned(), code)));
        let names = names.split(';').map(spelling).filter(|name| !name.is_empty());
        codes.extend(names.map(|name| (name, code)));
    }
    codes
});

/// Code, other codes and names of each line.
fn lines() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (codes, names) = line.split_once(':')?;
        let (code, other_codes) = codes.split_once('=').unwrap_or((codes, ""));
        Some((code.trim(), other_codes, names))
    })
}

/// A name without what writers differ in: accents, capitals, dots, hyphens, `&`, an article in front.
fn spelling(country: &str) -> String {
    let plain = country.replace('&', " and ").replace('-', " ").replace(['.', '’', '\''], "");
    let plain = name::normalise(&plain);
    plain.strip_prefix("the ").map_or(plain.clone(), str::to_owned)
}

/// Whether the text says that the country is not known.
pub fn is_unknown(text: &str) -> bool {
    UNKNOWN.contains(&text.trim().to_ascii_uppercase().as_str())
}

/// The IOC's code of a country that is written as a code, of the IOC or of others, or as a name. None when it is no country.
pub fn ioc_code(text: &str) -> Option<&'static str> {
    let text = text.trim();
    CODES.get(&text.to_uppercase()).or_else(|| CODES.get(&spelling(text))).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn a_code_or_a_name_of_any_spelling_is_a_country() {
        for (text, code) in [
            ("ESP", Some("ESP")),
            (" esp ", Some("ESP")),
            ("Spain", Some("ESP")),
            ("DEU", Some("GER")),
            ("The Netherlands", Some("NED")),
            ("Côte d’Ivoire", Some("CIV")),
            ("Korea, South", Some("KOR")),
            ("Bosnia & Herzegovina", Some("BIH")),
            ("U.S.A.", Some("USA")),
            ("Guinea Bissau", Some("GBS")),
            ("St. Lucia", Some("LCA")),
            ("Curaçao", Some("CUW")),
            ("czechoslovakia", Some("TCH")),
            ("SIN", Some("SIN")),
            ("Singapore", Some("SGP")),
            ("Atlantis", None),
            ("XXX", None),
            ("", None),
        ] {
            assert_eq!(ioc_code(text), code, "{text}");
        }
        assert!(["UNK", "unk", " ? ", "ITF", ""].into_iter().all(is_unknown));
        assert!(!is_unknown("XXX"));
    }

    #[test]
    fn the_table_is_whole_and_nothing_stands_in_it_twice() {
        let written = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
        assert_eq!(lines().count(), written, "every line has a colon");
        let mut owners: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (code, other_codes, names) in lines() {
            let codes = std::iter::once(code).chain(other_codes.split_whitespace());
            for one in codes.map(str::to_owned).collect::<Vec<_>>() {
                assert!(one.len() == 3 && one.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'1'));
                assert!(owners.entry(one.clone()).or_default().insert(code), "{one} stands twice");
            }
            for name in names.split(';').map(spelling).filter(|name| !name.is_empty()) {
                assert!(owners.entry(name.clone()).or_default().insert(code), "{name} stands twice");
            }
        }
        let shared: Vec<_> = owners.iter().filter(|(_, codes)| codes.len() > 1).collect();
        assert!(shared.is_empty(), "{shared:?}");
    }
}
