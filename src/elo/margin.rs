//! The margin of victory in games (ELO.md, step 6): in exact decimal arithmetic, computed once for every pair of
//! numbers of games that occurs. Pure.

/// Margins are tabled for fewer games than this on both sides: the longest match ever had 92 and 91, a usual one
/// under 40. A power of two.
const TABLED_GAMES: u32 = 64;
/// The parameters are brought to this many decimals; 2 * 10^17 * 10^5 games stay far below 2^127.
const DECIMALS: u32 = 16;

/// The margins under one set of parameters.
#[derive(Debug, Clone)]
pub struct Margins {
    base: f64,
    scale: f64,
    /// Both, times 10^DECIMALS; None when they have too many digits for it.
    decimal: Option<(i128, i128)>,
    /// The margin of `won * TABLED_GAMES + lost`.
    table: Vec<f64>,
}

impl Margins {
    /// Margins of base + scale * dominance.
    pub fn new(base: f64, scale: f64) -> Self {
        let mut margins = Self { base, scale, decimal: scaled(base).zip(scaled(scale)), table: Vec::new() };
        let pairs = (0..TABLED_GAMES).flat_map(|won| (0..TABLED_GAMES).map(move |lost| (won, lost)));
        margins.table = pairs.map(|(won, lost)| margins.compute(won, lost)).collect();
        margins
    }

    /// The margin of a match of which the winner won `won` games and lost `lost`.
    pub fn of(&self, won: u32, lost: u32) -> f64 {
        let is_tabled = (won | lost) < TABLED_GAMES;
        let tabled = if is_tabled { self.table.get((won * TABLED_GAMES + lost) as usize) } else { None };
        tabled.copied().unwrap_or_else(|| self.compute(won, lost))
    }

    fn compute(&self, won: u32, lost: u32) -> f64 {
        let (won, lost) = (i128::from(won), i128::from(lost));
        let (numerator, denominator) = match won + lost {
            0 => (1, 2), // no game was played: dominance 0.5
            played => (won - lost, played),
        };
        self.decimal
            .and_then(|(base, scale)| decimal_margin(base, scale, numerator, denominator))
            .unwrap_or_else(|| float_margin(self.base, self.scale, numerator as f64 / denominator as f64))
    }
}

/// base + scale * numerator / denominator in exact decimal arithmetic, clamped to [0.5, 2], rounded to 4
/// decimals half-to-even. `base` and `scale` are times 10^DECIMALS. None when the numbers grow too large for it.
fn decimal_margin(base: i128, scale: i128, numerator: i128, denominator: i128) -> Option<f64> {
    // The margin times `whole`, then clamped.
    let whole = 10_i128.pow(DECIMALS).checked_mul(denominator)?;
    let value = base.checked_mul(denominator)?.checked_add(scale.checked_mul(numerator)?)?;
    let value = value.clamp(whole / 2, whole.checked_mul(2)?);
    let step = whole / 10_000;
    let (quotient, rest) = (value.div_euclid(step), value.rem_euclid(step));
    let up = match (rest * 2).cmp(&step) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient % 2 == 1,
    };
    Some((quotient + i128::from(up)) as f64 / 10_000.0)
}

/// The shortest decimal that reads back as `value`, times 10^DECIMALS, when it has no more decimals.
fn scaled(value: f64) -> Option<i128> {
    let text = format!("{value}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let missing = DECIMALS.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    format!("{whole}{fraction}").parse::<i128>().ok()?.checked_mul(10_i128.pow(missing))
}

/// The margin for parameters that decimal arithmetic has no room for.
fn float_margin(base: f64, scale: f64, dominance: f64) -> f64 {
    let margin = (base + dominance * scale).clamp(0.5, 2.0);
    (margin * 10_000.0).round_ties_even() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_is_decimal_and_half_even() {
        let margin = |base, scale, won, lost| Margins::new(base, scale).of(won, lost);
        // Dominance 1/48 and 3/48: 0.85625 and 0.86875 are both ties of the fourth decimal.
        let decimal = |base, scale, numerator, denominator| {
            decimal_margin(scaled(base).unwrap(), scaled(scale).unwrap(), numerator, denominator)
        };
        assert_eq!(decimal(0.85, 0.3, 1, 48), Some(0.8562));
        assert_eq!(decimal(0.85, 0.3, 3, 48), Some(0.8688));
        assert_eq!(margin(0.85, 0.3, 12, 0), 1.15);
        assert_eq!(margin(0.85, 0.3, 6, 12), 0.75);
        assert_eq!(margin(0.85, 0.3, 0, 0), 1.0);
        assert_eq!(margin(0.1, 0.1, 5, 5), 0.5);
        assert_eq!(margin(9.0, 0.1, 5, 5), 2.0);
    }

    #[test]
    fn the_table_holds_what_is_computed_and_goes_on_beyond_its_end() {
        let parameters = [
            (0.85, 0.3),
            (0.1 + 0.2, 1.0 / 3.0), // 17 and 16 decimals
            (1e-17, 0.3),           // too many decimals
            (1e30, -1e30),          // too large
            (f64::MAX, f64::MIN_POSITIVE),
            (-0.0, -0.7),
            (0.123_456_789_012_345_6, 1.9),
        ];
        for (base, scale) in parameters {
            let margins = Margins::new(base, scale);
            for won in 0..2 * TABLED_GAMES {
                for lost in 0..2 * TABLED_GAMES {
                    let of = margins.of(won, lost);
                    assert_eq!(of.to_bits(), by_the_book(base, scale, won, lost).to_bits(), "{won} {lost}");
                }
            }
            for (won, lost) in [(u32::MAX, 0), (0, u32::MAX), (u32::MAX, u32::MAX), (0, 64), (64, 0)] {
                let of = margins.of(won, lost);
                assert_eq!(of.to_bits(), by_the_book(base, scale, won, lost).to_bits(), "{won} {lost}");
            }
        }
    }

    /// The margin from the numbers of games, everything computed anew.
    fn by_the_book(base: f64, scale: f64, won: u32, lost: u32) -> f64 {
        let (won, lost) = (i128::from(won), i128::from(lost));
        let (numerator, denominator) = if won + lost == 0 { (1, 2) } else { (won - lost, won + lost) };
        scaled(base)
            .zip(scaled(scale))
            .and_then(|(base, scale)| decimal_margin(base, scale, numerator, denominator))
            .unwrap_or_else(|| float_margin(base, scale, numerator as f64 / denominator as f64))
    }
}
