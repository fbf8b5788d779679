//! Names of players: the form in which two spellings of one name are the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// `players.canonical_name`, `player_aliases.alias` and `tournaments.name` hold this many characters.
pub const LENGTH_MAX: usize = 255;

/// The name as written, with single spaces and none at the ends.
pub fn tidy(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lower case, accents off, "LAST, First" turned, Jr/Sr/II/III/IV off, spaces folded.
pub fn normalise(name: &str) -> String {
    let turned = match name.split_once(',') {
        Some((last, first)) if !is_suffix(first.trim()) => format!("{first} {last}"),
        _ => name.replace(',', " "),
    };
    let plain: String = turned
        .nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .fold(String::with_capacity(turned.len()), |mut plain, letter| {
            match letter {
                // Letters that carry their accent inside and do not fall apart.
                'ß' => plain.push_str("ss"),
                'æ' => plain.push_str("ae"),
                'œ' => plain.push_str("oe"),
                'þ' => plain.push_str("th"),
                'ø' => plain.push('o'),
                'ł' => plain.push('l'),
                'đ' | 'ð' => plain.push('d'),
                'ı' => plain.push('i'),
                other => plain.push(other),
            }
            plain
        });
    let mut words: Vec<&str> = plain.split_whitespace().collect();
    while words.len() > 1 && words.last().is_some_and(|word| is_suffix(word)) {
        words.pop();
    }
    words.join(" ")
}

/// The spelling that `player_aliases` keeps of a name: normalised, and short enough. A ligature that is written out makes a name
/// longer than it was.
pub fn alias(name: &str) -> String {
    normalise(name).chars().take(LENGTH_MAX).collect()
}

/// The name as people read it: "LAST, First" turned, words in capitals only made readable, spaces folded. At most
/// [`LENGTH_MAX`] characters.
pub fn display(name: &str) -> String {
    let turned = match name.split_once(',') {
        Some((last, first)) if !is_suffix(first.trim()) => format!("{first} {last}"),
        _ => name.to_owned(),
    };
    let words =
        turned.split_whitespace().map(|word| if is_shouted(word) { title(word) } else { word.to_owned() });
    words.collect::<Vec<_>>().join(" ").chars().take(LENGTH_MAX).collect()
}

/// Three letters or more, all of them capitals: a family name as entry lists print it, no initials and no "JJ".
fn is_shouted(word: &str) -> bool {
    let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
    letters >= 3 && !word.chars().any(char::is_lowercase) && !word.contains('.') && !is_suffix(word)
}

/// The first letter of each part large, the others small: "GARCIA-LOPEZ", "O'NEILL".
fn title(word: &str) -> String {
    let mut begins = true;
    let mut text = String::with_capacity(word.len());
    for letter in word.chars() {
        match begins {
            true => text.push(letter),
            false => text.extend(letter.to_lowercase()),
        }
        begins = !letter.is_alphanumeric();
    }
    text
}

/// Generations are not part of a name.
fn is_suffix(word: &str) -> bool {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    matches!(word.as_str(), "jr" | "sr" | "ii" | "iii" | "iv")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_people_read_them() {
        for (written, read) in [
            ("LINDQVIST, Gerda", "Gerda Lindqvist"),
            ("GARCIA-LOPEZ, Ana María", "Ana María Garcia-Lopez"),
            ("JJ  O'NEILL", "JJ O'Neill"),
            ("NÚÑEZ, Ana", "Ana Núñez"),
            ("Bo Berg, Jr", "Bo Berg, Jr"),
            ("J. WOLF III", "J. Wolf III"),
            ("de Minaur, Alex", "Alex de Minaur"),
        ] {
            assert_eq!(display(written), read);
        }
    }

    #[test]
    fn spellings_of_one_name() {
        for name in [
            "Ana  Núñez",
            "NÚÑEZ, Ana",
            " ana nunez ",
            "Ana Nu\u{301}n\u{303}ez Jr.",
            "Ana Nuñez, Sr",
            "Ana Nunez III",
        ] {
            assert_eq!(normalise(name), "ana nunez", "{name}");
        }
        assert_eq!(normalise("Łukasz Đorđe Ødegård Weiß"), "lukasz dorde odegard weiss");
        assert_eq!(alias(&"ß".repeat(200)), "s".repeat(LENGTH_MAX));
        assert_eq!(normalise("IV"), "iv", "a name is never empty because of it");
        assert_eq!(normalise("  "), "");
        assert_eq!(normalise("Jean-Pierre O'Neill"), "jean-pierre o'neill");
        assert_eq!(tidy("  Joaquin  Aguilar\u{a0}Cardozo "), "Joaquin Aguilar Cardozo");
    }
}
