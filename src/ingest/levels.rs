//! The archive's tournament levels, and the codes that tournaments get from them (INGEST.md, "The archive's mapping").

use sha2::{Digest, Sha256};

/// Every tournament of an archive has a code that begins with this.
const CODE_PREFIX: &str = "sackmann:";
/// `tournaments.tournament_code` holds this many characters.
const CODE_LENGTH_MAX: usize = 30;
/// Hexadecimal digits of the hash in a code that is too long: a chance of one in a million that any two of a
/// thousand such codes collide.
const HASH_LENGTH: usize = 10;

/// The tours that tasks and tournaments belong to.
pub const TOURS: [&str; 6] = ["ATP", "WTA", "CHALLENGER", "WTA_125", "ITF_MEN", "ITF_WOMEN"];

/// The file family: it decides what a level code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `atp_matches_YYYY.csv`
    AtpMain,
    /// `atp_matches_qual_chall_YYYY.csv`
    AtpQualifyingChallengers,
    /// `atp_matches_futures_YYYY.csv`
    AtpFutures,
    /// `wta_matches_YYYY.csv`
    WtaMain,
    /// `wta_matches_qual_itf_YYYY.csv`
    WtaQualifyingItf,
}

impl Family {
    /// The family that a file's name tells; None when it is no match archive.
    pub fn of_file(name: &str) -> Option<Self> {
        const FAMILIES: [(&str, Family); 5] = [
            ("atp_matches", Family::AtpMain),
            ("atp_matches_qual_chall", Family::AtpQualifyingChallengers),
            ("atp_matches_futures", Family::AtpFutures),
            ("wta_matches", Family::WtaMain),
            ("wta_matches_qual_itf", Family::WtaQualifyingItf),
        ];
        let (stem, year) = name.strip_suffix(".csv")?.rsplit_once('_')?;
        if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        FAMILIES.iter().find(|(known, _)| *known == stem).map(|(_, family)| *family)
    }

    /// The tour that `--tours` selects such a file by: what most of its matches belong to.
    pub fn tour(self) -> &'static str {
        match self {
            Self::AtpMain => "ATP",
            Self::AtpQualifyingChallengers => "CHALLENGER",
            Self::AtpFutures => "ITF_MEN",
            Self::WtaMain => "WTA",
            Self::WtaQualifyingItf => "ITF_WOMEN",
        }
    }

    /// `men` or `women`.
    pub fn gender(self) -> &'static str {
        if self.is_women() { "women" } else { "men" }
    }

    fn is_women(self) -> bool {
        matches!(self, Self::WtaMain | Self::WtaQualifyingItf)
    }
}

/// What a level code means in its family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// `tournaments.level`.
    pub name: String,
    /// `tournaments.tour`.
    pub tour: &'static str,
    /// Whether the code is one that the mapping knows.
    pub known: bool,
}

impl Level {
    /// The level of `code` in a file of `family`.
    pub fn of(code: &str, family: Family) -> Self {
        let level = |name: &str, tour| Self { name: name.to_owned(), tour, known: true };
        if family.is_women() {
            return match code {
                "G" => level("Grand Slam", "WTA"),
                "PM" | "T1" => level("WTA 1000", "WTA"),
                "F" => level("WTA Finals", "WTA"),
                "P" | "T2" => level("WTA 500", "WTA"),
                "C" if family == Family::WtaQualifyingItf => level("ITF", "ITF_WOMEN"),
                _ if is_prize(code) => level(&format!("ITF W{code}"), "ITF_WOMEN"),
                "I" | "W" | "T3" | "T4" | "T5" | "CC" | "D" | "O" | "E" | "J" => level("WTA 250", "WTA"),
                _ => Self { known: false, ..level("WTA 250", "WTA") },
            };
        }
        match code {
            "G" => level("Grand Slam", "ATP"),
            "M" => level("Masters 1000", "ATP"),
            "F" => level("ATP Finals", "ATP"),
            "A" => level("ATP 250", "ATP"),
            "C" => level("Challenger", "CHALLENGER"),
            "D" => level("Davis Cup", "ATP"),
            "O" => level("Olympics", "ATP"),
            "15" | "25" => level(&format!("ITF M{code}"), "ITF_MEN"),
            "S" => level("ITF", "ITF_MEN"),
            _ => Self { known: false, ..level("ITF", "ITF_MEN") },
        }
    }
}

/// An ITF class is its prize money in thousands.
fn is_prize(code: &str) -> bool {
    (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// The tournament's code: `sackmann:<code>:<level code>`, the level of women's files with a W in front. The level is
/// part of it because one event at another level is another tournament, and the W because men's and women's archives
/// number players and tournaments independently while an `external_id` must name one match. A code that is too long
/// is cut and ends in its hash.
pub fn tournament_code(event_code: &str, level_code: &str, family: Family) -> String {
    let women = if family.is_women() { "W" } else { "" };
    let code = format!("{CODE_PREFIX}{event_code}:{women}{level_code}");
    if code.chars().count() <= CODE_LENGTH_MAX {
        return code;
    }
    let digest = Sha256::digest(code.as_bytes());
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let kept: String = code.chars().take(CODE_LENGTH_MAX - HASH_LENGTH - 1).collect();
    format!("{kept}~{}", &hash[..HASH_LENGTH])
}

/// Splits an archive's tournament id, `YYYY-<code>`, into year and code; the year is None when it is not there.
pub fn split_tournament_id(id: &str) -> (Option<i32>, &str) {
    match id.split_once('-') {
        Some((year, code))
            if year.len() == 4 && !code.is_empty() && year.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            (year.parse().ok(), code)
        }
        _ => (None, id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_by_file_name() {
        assert_eq!(Family::of_file("atp_matches_1968.csv"), Some(Family::AtpMain));
        assert_eq!(
            Family::of_file("atp_matches_qual_chall_1999.csv"),
            Some(Family::AtpQualifyingChallengers)
        );
        assert_eq!(Family::of_file("atp_matches_futures_2024.csv"), Some(Family::AtpFutures));
        assert_eq!(Family::of_file("wta_matches_2024.csv"), Some(Family::WtaMain));
        assert_eq!(Family::of_file("wta_matches_qual_itf_2024.csv"), Some(Family::WtaQualifyingItf));
        let others = [
            "atp_players.csv",
            "atp_matches.csv",
            "atp_matches_24.csv",
            "atp_matches_2024.txt",
            "atp_matches_doubles_2024.csv",
            "wta_matches_futures_2024.csv",
            ".atp_matches_2024.csv.tmp",
            "atp_matches_2024.csv.gz",
            "2024.csv",
            "",
        ];
        for name in others {
            assert_eq!(Family::of_file(name), None, "{name}");
        }
    }

    #[track_caller]
    fn check(family: Family, code: &str, expected: (&str, &str, bool)) {
        let level = Level::of(code, family);
        assert_eq!((level.name.as_str(), level.tour, level.known), expected, "{code}");
        assert!(TOURS.contains(&level.tour));
    }

    #[test]
    fn levels_of_men() {
        for (code, name) in
            [("G", "Grand Slam"), ("M", "Masters 1000"), ("F", "ATP Finals"), ("A", "ATP 250")]
        {
            check(Family::AtpMain, code, (name, "ATP", true));
            check(Family::AtpQualifyingChallengers, code, (name, "ATP", true));
        }
        check(Family::AtpMain, "D", ("Davis Cup", "ATP", true));
        check(Family::AtpMain, "O", ("Olympics", "ATP", true));
        check(Family::AtpQualifyingChallengers, "C", ("Challenger", "CHALLENGER", true));
        check(Family::AtpFutures, "S", ("ITF", "ITF_MEN", true));
        check(Family::AtpFutures, "15", ("ITF M15", "ITF_MEN", true));
        check(Family::AtpFutures, "25", ("ITF M25", "ITF_MEN", true));
        check(Family::AtpFutures, "75", ("ITF", "ITF_MEN", false));
        check(Family::AtpMain, "X", ("ITF", "ITF_MEN", false));
    }

    #[test]
    fn levels_of_women() {
        for (code, name) in [
            ("G", "Grand Slam"),
            ("PM", "WTA 1000"),
            ("T1", "WTA 1000"),
            ("F", "WTA Finals"),
            ("P", "WTA 500"),
            ("T2", "WTA 500"),
            ("I", "WTA 250"),
            ("W", "WTA 250"),
            ("T5", "WTA 250"),
            ("D", "WTA 250"),
            ("O", "WTA 250"),
        ] {
            check(Family::WtaMain, code, (name, "WTA", true));
        }
        check(Family::WtaQualifyingItf, "C", ("ITF", "ITF_WOMEN", true));
        check(Family::WtaQualifyingItf, "15", ("ITF W15", "ITF_WOMEN", true));
        check(Family::WtaQualifyingItf, "100", ("ITF W100", "ITF_WOMEN", true));
        check(Family::WtaMain, "C", ("WTA 250", "WTA", false));
        check(Family::WtaMain, "", ("WTA 250", "WTA", false));
    }

    #[test]
    fn tournament_codes_fit_and_differ() {
        assert_eq!(tournament_code("560", "G", Family::AtpMain), "sackmann:560:G");
        assert_eq!(tournament_code("560", "G", Family::WtaMain), "sackmann:560:WG");
        assert_eq!(
            tournament_code("M-FU-IND-01A-1997", "S", Family::AtpFutures),
            "sackmann:M-FU-IND-01A-1997:S"
        );
        let long = |event| tournament_code(event, "D", Family::WtaMain);
        let (first, second) =
            (long("W-FC-2016-G1-EPA-A-M-SWE-POR-01"), long("W-FC-2016-G1-EPA-A-M-SWE-UKR-01"));
        assert_eq!((first.len(), second.len()), (30, 30));
        assert!(first.starts_with("sackmann:W-FC-2016-") && first != second);
        assert_eq!(first, long("W-FC-2016-G1-EPA-A-M-SWE-POR-01"));
    }

    #[test]
    fn tournament_ids() {
        assert_eq!(split_tournament_id("2024-560"), (Some(2024), "560"));
        assert_eq!(split_tournament_id("1998-M-FU-IND-01A-1997"), (Some(1998), "M-FU-IND-01A-1997"));
        for id in ["560", "24-560", "2024-", "abcd-1"] {
            assert_eq!(split_tournament_id(id), (None, id));
        }
    }
}
