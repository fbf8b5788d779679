//! The parameters of the fold: defaults, the active set of the database, and their validation.

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The version name of the built-in parameters.
pub const DEFAULTS_VERSION: &str = "defaults-v1";
/// `matches.elo_params_version` holds this many characters.
const VERSION_LENGTH_MAX: usize = 64;
/// Start ratings beyond this do not leave room in numeric(8,2).
const START_ELO_MAX: f64 = 100_000.0;

/// Tournament classes by which K and S differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// ITF events, "futures".
    F,
    /// Challengers and WTA 125.
    C,
    /// ATP and WTA 250 and 500, and every level that is not known.
    A,
    /// Masters 1000, WTA 1000, and the finals of the season.
    M,
    /// Grand Slams.
    G,
}

/// A level code: the class, and whether the start rating, K and S are the women's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelCode {
    /// The class of the tournament.
    pub class: Class,
    /// The code begins with W.
    pub women: bool,
    /// The level is in the table of ELO.md; false when it was taken as class A for want of better.
    pub known: bool,
}

impl LevelCode {
    /// How many codes there are.
    pub const COUNT: usize = 10;

    /// The code of a tournament's level and tour (ELO.md, "Level codes").
    pub fn of(level: &str, tour: &str) -> Self {
        let class = match level {
            "Grand Slam" => Some(Class::G),
            "Masters 1000" | "WTA 1000" | "ATP Finals" | "WTA Finals" => Some(Class::M),
            "ATP 500" | "ATP 250" | "WTA 500" | "WTA 250" => Some(Class::A),
            "Challenger" | "ATP Challenger" | "WTA 125" => Some(Class::C),
            "ITF" | "Future" | "ITF M15" | "ITF M25" | "ITF W15" | "ITF W25" => Some(Class::F),
            _ => None,
        };
        let women = tour == "WTA" || level.starts_with("WTA") || level.starts_with("ITF W");
        Self { class: class.unwrap_or(Class::A), women, known: class.is_some() }
    }

    /// The code's place in tables of [`LevelCode::COUNT`]: F, C, A, M, G, then the same for women.
    pub fn index(self) -> usize {
        self.class as usize + if self.women { 5 } else { 0 }
    }

    /// The code at a place of such a table.
    pub fn at(index: usize) -> Self {
        const CLASSES: [Class; 5] = [Class::F, Class::C, Class::A, Class::M, Class::G];
        Self { class: CLASSES[index % 5], women: index >= 5, known: true }
    }
}

/// Everything that the fold depends on besides the matches. All values are plain numbers; `_days` are days.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Written to `matches.elo_params_version`.
    pub version: String,
    /// K by level code: F, C, A, M, G, then the same for women.
    k: [f64; LevelCode::COUNT],
    /// S by level code, as `k`.
    s: [f64; LevelCode::COUNT],
    /// The margin of a win by half of the games.
    pub margin_base: f64,
    /// What dominance adds to the margin.
    pub margin_scale: f64,
    /// Part of the distance to the start rating lost per year of absence.
    pub decay_rate: f64,
    /// Absence up to this costs nothing.
    pub decay_start_days: f64,
    /// Players with fewer matches are new.
    pub new_threshold: f64,
    /// The boost of a player's first match.
    pub new_boost: f64,
    /// Absence beyond this makes a player returning.
    pub returning_days: f64,
    /// The boost of a returning player's match.
    pub returning_boost: f64,
    /// Where men start.
    pub start_elo_men: f64,
    /// Where women start.
    pub start_elo_women: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        const K: [f64; 5] = [183.0, 137.0, 108.0, 107.0, 116.0];
        const S: [f64; 5] = [1241.0, 1441.0, 1670.0, 1809.0, 1428.0];
        let twice = |half: [f64; 5]| std::array::from_fn(|index| half[index % 5]);
        Self {
            version: DEFAULTS_VERSION.to_owned(),
            k: twice(K),
            s: twice(S),
            margin_base: 0.85,
            margin_scale: 0.3,
            decay_rate: 0.05,
            decay_start_days: 60.0,
            new_threshold: 30.0,
            new_boost: 1.5,
            returning_days: 180.0,
            returning_boost: 1.3,
            start_elo_men: 1500.0,
            start_elo_women: 1500.0,
        }
    }
}

/// The codes in the order of `Parameters::k` and `Parameters::s`.
const CODES: [&str; LevelCode::COUNT] = ["F", "C", "A", "M", "G", "WF", "WC", "WA", "WM", "WG"];

impl Parameters {
    /// K of a level code.
    pub fn k(&self, code: LevelCode) -> f64 {
        self.k[code.index()]
    }

    /// S of a level code.
    pub fn s(&self, code: LevelCode) -> f64 {
        self.s[code.index()]
    }

    /// The rating that a new player starts with, and that decay tends to.
    pub fn start_elo(&self, code: LevelCode) -> f64 {
        if code.women { self.start_elo_women } else { self.start_elo_men }
    }

    /// The same start rating in cents, as the database keeps ratings.
    pub fn start_cents(&self, women: bool) -> i32 {
        let start_elo = if women { self.start_elo_women } else { self.start_elo_men };
        (start_elo * 100.0).round() as i32 // a whole number of cents: `from_set` sees to it
    }

    /// The parameter set called `name`: `values` replace the defaults. Each value is its JSON text.
    ///
    /// # Errors
    /// Usage, naming the set and the key: an unknown key, no number, K or S not finite or not positive, a start
    /// rating that is no amount of cents.
    pub fn from_set<'a>(name: &str, values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut parameters = Self { version: version_of(name), ..Self::default() };
        for (key, text) in values {
            let wrong = |expected: &str| {
                Error::usage(format!(
                    "parameter set {name:?} (elo_parameter_sets): {key} = {text}: {expected}. Nothing was rated; \
                     correct the set or make another one active"
                ))
            };
            let value: f64 = text.parse().map_err(|_| wrong("expected a number"))?;
            if !value.is_finite() {
                return Err(wrong("expected a finite number"));
            }
            let slot = parameters.slot(key).ok_or_else(|| wrong("is not a parameter"))?;
            *slot = value;
            let is_k_or_s = key.starts_with("K_") || key.starts_with("S_");
            if is_k_or_s && value <= 0.0 {
                return Err(wrong("expected a number above 0"));
            }
            let cents = value * 100.0;
            if key.starts_with("start_elo") && (value.abs() > START_ELO_MAX || cents.round() / 100.0 != value)
            {
                return Err(wrong("expected a rating with at most two decimals, up to 100,000"));
            }
        }
        Ok(parameters)
    }

    fn slot(&mut self, key: &str) -> Option<&mut f64> {
        if let Some((kind @ ("K" | "S"), code)) = key.split_once('_')
            && let Some(index) = CODES.iter().position(|known| *known == code)
        {
            return Some(if kind == "K" { &mut self.k[index] } else { &mut self.s[index] });
        }
        Some(match key {
            "margin_base" => &mut self.margin_base,
            "margin_scale" => &mut self.margin_scale,
            "decay_rate" => &mut self.decay_rate,
            "decay_start_days" => &mut self.decay_start_days,
            "new_threshold" => &mut self.new_threshold,
            "new_boost" => &mut self.new_boost,
            "returning_days" => &mut self.returning_days,
            "returning_boost" => &mut self.returning_boost,
            "start_elo_men" => &mut self.start_elo_men,
            "start_elo_women" => &mut self.start_elo_women,
            _ => return None,
        })
    }

    /// Identifies the version and every value: ratings made under another fingerprint have to be made again.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(format!("{self:?}").as_bytes());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The set's name, shortened with a hash when the column cannot hold it.
fn version_of(name: &str) -> String {
    if name.chars().count() <= VERSION_LENGTH_MAX {
        return name.to_owned();
    }
    let digest = Sha256::digest(name.as_bytes());
    let hash: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let kept: String = name.chars().take(VERSION_LENGTH_MAX - hash.len() - 1).collect();
    format!("{kept}-{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_codes() {
        let code = |level, tour| {
            let code = LevelCode::of(level, tour);
            (CODES[code.index()], code.known)
        };
        assert_eq!(code("Grand Slam", "ATP"), ("G", true));
        assert_eq!(code("Grand Slam", "WTA"), ("WG", true));
        assert_eq!(code("WTA 1000", "WTA"), ("WM", true));
        assert_eq!(code("WTA 125", "WTA_125"), ("WC", true));
        assert_eq!(code("ITF W25", "ITF_WOMEN"), ("WF", true));
        assert_eq!(code("ITF M25", "ITF_MEN"), ("F", true));
        assert_eq!(code("Challenger", "CHALLENGER"), ("C", true));
        assert_eq!(code("Davis Cup", "ATP"), ("A", false));
        assert_eq!(code("ITF W100", "ITF_WOMEN"), ("WA", false));
    }

    #[test]
    fn a_set_replaces_what_it_names() {
        let parameters = Parameters::from_set("mine", [("K_WG", "200"), ("decay_rate", "0.1")]).unwrap();
        assert_eq!(parameters.k(LevelCode::of("Grand Slam", "WTA")), 200.0);
        assert_eq!(parameters.k(LevelCode::of("Grand Slam", "ATP")), 116.0);
        assert_eq!((parameters.decay_rate, parameters.version.as_str()), (0.1, "mine"));
        assert_ne!(parameters.fingerprint(), Parameters::default().fingerprint());
    }

    #[test]
    fn a_wrong_set_names_the_key() {
        let cases = [
            ("K_X", "1"),
            ("K_F", "0"),
            ("S_G", "-1"),
            ("K_A", "1e999"),
            ("new_boost", "\"x\""),
            ("start_elo_men", "0.001"),
        ];
        for (key, value) in cases {
            let message = Parameters::from_set("s", [(key, value)]).unwrap_err().to_string();
            assert!(message.contains(key), "{message}");
        }
    }

    #[test]
    fn long_names_fit_the_column_and_stay_different() {
        let (one, two) =
            (version_of(&format!("{}1", "n".repeat(99))), version_of(&format!("{}2", "n".repeat(99))));
        assert_eq!(one.len(), VERSION_LENGTH_MAX);
        assert_ne!(one, two);
    }
}
