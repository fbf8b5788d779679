//! Names of people and places that do not exist, put together from syllables.

use super::random::Random;

/// What names of one part of the world are made of.
struct Flavour {
    countries: &'static [&'static str],
    given_starts: &'static [&'static str],
    given_ends_men: &'static [&'static str],
    given_ends_women: &'static [&'static str],
    family_starts: &'static [&'static str],
    family_middles: &'static [&'static str],
    family_ends: &'static [&'static str],
}

/// Countries are IOC codes; a country that stands twice has twice as many players.
const FLAVOURS: [Flavour; 5] = [
    Flavour {
        countries: &["ESP", "ITA", "ARG", "BRA", "CHI", "POR", "COL", "ESP", "ITA", "ARG", "ROU", "MEX"],
        given_starts: &["Al", "Bel", "Cel", "Dor", "Fab", "Lor", "Mir", "Sal", "Ter", "Val", "Ósc", "Ír"],
        given_ends_men: &["ando", "esto", "iano", "ío", "ondo", "uan"],
        given_ends_women: &["anda", "esta", "iana", "ía", "ela", "ora"],
        family_starts: &[
            "Alv", "Brem", "Cast", "Dur", "Esc", "Fern", "Gor", "Lav", "Mont", "Quir", "Sarm", "Zab",
        ],
        family_middles: &["ar", "el", "in", "or", "ud", "av"],
        family_ends: &["ada", "eño", "ezzo", "ibar", "ontes", "usco", "aldi", "eira"],
    },
    Flavour {
        countries: &["CZE", "SRB", "CRO", "POL", "UKR", "BUL", "SVK", "SLO", "CZE", "SRB"],
        given_starts: &["Bor", "Drag", "Jar", "Kaz", "Mil", "Rad", "Stan", "Vlad", "Zden", "Lub"],
        given_ends_men: &["imir", "oslav", "an", "ek", "ko", "omir"],
        given_ends_women: &["imira", "oslava", "ana", "enka", "ka", "ena"],
        family_starts: &[
            "Brž", "Dvor", "Hlav", "Jank", "Krat", "Mlad", "Novot", "Petr", "Šim", "Tvrd", "Vrab", "Zel",
        ],
        family_middles: &["ol", "em", "ik", "un", "ov", "aš"],
        family_ends: &["ák", "enko", "escu", "ević", "ický", "owicz", "ar", "onja"],
    },
    Flavour {
        countries: &["GER", "AUT", "SUI", "NED", "DEN", "SWE", "NOR", "FIN", "BEL", "GER", "EST"],
        given_starts: &["Ald", "Bjar", "Ebb", "Frid", "Hend", "Jor", "Lenn", "Matt", "Sig", "Tor"],
        given_ends_men: &["hard", "ik", "mund", "olf", "rik", "en"],
        given_ends_women: &["a", "ine", "hild", "ise", "run", "je"],
        family_starts: &[
            "Berg", "Düst", "Eich", "Falk", "Grön", "Hard", "Kessel", "Lind", "Môr", "Stein", "Vorm", "Wald",
        ],
        family_middles: &["en", "er", "ing", "el", "is", "am"],
        family_ends: &["feldt", "gard", "holt", "krans", "mayr", "sson", "thal", "wyk"],
    },
    Flavour {
        countries: &[
            "USA", "GBR", "AUS", "CAN", "IRL", "NZL", "RSA", "USA", "USA", "AUS", "GBR", "FRA", "FRA",
        ],
        given_starts: &["Ash", "Bran", "Cal", "Dar", "Ell", "Gar", "Har", "Jas", "Mar", "Tay"],
        given_ends_men: &["ton", "den", "vin", "ric", "son", "lan"],
        given_ends_women: &["lyn", "ette", "anne", "issa", "ley", "ina"],
        family_starts: &[
            "Ack", "Blen", "Craw", "Dun", "Fair", "Hask", "Lang", "Mars", "O'Ced", "Pem", "Thorn", "Whit",
        ],
        family_middles: &["er", "in", "or", "ing", "al", "en"],
        family_ends: &["bury", "combe", "dale", "ford", "gate", "ley", "marsh", "worth"],
    },
    Flavour {
        countries: &["JPN", "KOR", "CHN", "TPE", "IND", "THA", "KAZ", "JPN", "CHN", "UZB", "TUN", "EGY"],
        given_starts: &["Ak", "Dai", "Har", "Jun", "Kaz", "Min", "Nar", "Rei", "Sam", "Yus"],
        given_ends_men: &["ito", "esh", "uki", "ahn", "aro", "im"],
        given_ends_women: &["iko", "una", "ari", "ena", "ami", "ira"],
        family_starts: &[
            "Asa", "Bhar", "Chen", "Fuka", "Hida", "Kiri", "Mats", "Nak", "Raj", "Sato", "Tsu", "Yama",
        ],
        family_middles: &["no", "ga", "mi", "ra", "ku", "be"],
        family_ends: &["bayev", "dano", "hara", "jima", "kumi", "shiro", "tani", "wala"],
    },
];

const PLACE_STARTS: [&str; 19] = [
    "Alder", "Bel", "Cor", "Dun", "Ester", "Fal", "Gren", "Hollow", "Isk", "Jor", "Kal", "Lum", "Mon",
    "North", "Oster", "Port", "Quil", "River", "Silver",
];
const PLACE_ENDS: [&str; 16] = [
    "mere", "bridge", "ona", "avik", "ville", "burg", "ara", "stad", "ness", "haven", "elle", "grad", "moor",
    "eira", "polis", "wick",
];

/// A person's country (IOC code) and name: given name, then family name.
pub(crate) fn person(random: &mut Random, is_woman: bool) -> (&'static str, String) {
    let flavour = random.pick(&FLAVOURS);
    let country = random.pick(flavour.countries);
    let given_ends = if is_woman { flavour.given_ends_women } else { flavour.given_ends_men };
    let name = format!(
        "{}{} {}{}{}",
        random.pick(flavour.given_starts),
        random.pick(given_ends),
        random.pick(flavour.family_starts),
        random.pick(flavour.family_middles),
        random.pick(flavour.family_ends),
    );
    (country, name)
}

/// The place with the given number; different for the first 304 numbers.
pub(crate) fn place(number: usize) -> String {
    // 19 and 16 have no common factor: the pairs repeat only after 19 * 16.
    format!("{}{}", PLACE_STARTS[number % PLACE_STARTS.len()], PLACE_ENDS[number % PLACE_ENDS.len()])
}

/// A country for the event with the given number.
pub(crate) fn country(number: usize) -> &'static str {
    let countries = FLAVOURS[number % FLAVOURS.len()].countries;
    countries[number / FLAVOURS.len() % countries.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_many_and_have_two_parts() {
        let mut random = Random::new(1, 0);
        let names: HashSet<String> = (0..20_000).map(|index| person(&mut random, index % 2 == 0).1).collect();
        assert!(names.len() > 15_000, "{}", names.len());
        assert!(names.iter().all(|name| name.split(' ').count() == 2 && !name.contains(',')));
        assert!(
            names.iter().any(|name| !name.is_ascii()),
            "archives are UTF-8: accents belong in the made-up one"
        );
    }

    #[test]
    fn places_do_not_repeat_early() {
        let places: HashSet<String> = (0..304).map(place).collect();
        assert_eq!(places.len(), 304);
    }
}
