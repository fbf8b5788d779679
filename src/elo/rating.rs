//! The maths of one match (ELO.md, "The fold"). Pure: no database, clock, file or randomness.
//!
//! Ratings are kept in cents, as the database keeps them; the calculation itself is in doubles, in the order of
//! operations of the running Teelo system, so that every number is the same to the cent.

use std::hint::black_box;

use super::params::{LevelCode, Parameters};

/// Ratings beyond this do not fit numeric(8,2).
const CENTS_MAX: f64 = 99_999_999.0;

/// A player after a match. Ratings are in cents; days count from 2000-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayerState {
    /// The rating, in cents.
    pub rating: i32,
    /// How many matches were rated.
    pub match_count: i32,
    /// The day of the last match of which the date is known.
    pub last_match_day: Option<i32>,
    /// The temporal order of the last match.
    pub last_temporal_order: i64,
    /// The highest rating ever, in cents, the start rating included.
    pub career_peak: i32,
}

/// What the rating of a match depends on, besides the states of its players.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatchInput {
    /// The tournament's level code.
    pub code: LevelCode,
    /// The day that counts, if any.
    pub day: Option<i32>,
    /// The first part of the match's position.
    pub temporal_order: i64,
    /// Side A won.
    pub a_won: bool,
    /// Games won by A and by B; None without a structured score.
    pub games: Option<(u32, u32)>,
}

/// The four numbers that are stored with a match, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratings {
    /// Before the match, after decay.
    pub pre_a: i32,
    /// Before the match, after decay.
    pub pre_b: i32,
    /// After the match.
    pub post_a: i32,
    /// After the match.
    pub post_b: i32,
}

/// A rating left the range that the column holds; the parameters are at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfRange;

/// Rates one match: the numbers to store, and the players' states after it. A player without a state is new.
///
/// # Errors
/// A rating left the range of the column.
pub fn rate(
    parameters: &Parameters,
    input: &MatchInput,
    before_a: Option<&PlayerState>,
    before_b: Option<&PlayerState>,
) -> Result<(Ratings, PlayerState, PlayerState), OutOfRange> {
    let start_elo = parameters.start_elo(input.code);
    let a = Side::before(parameters, input, start_elo, before_a);
    let b = Side::before(parameters, input, start_elo, before_b);

    let margin = margin(parameters, input);
    let k = parameters.k(input.code) * margin;
    let expected_a = expected_score(a.rating, b.rating, parameters.s(input.code));
    let expected_b = 1.0 - expected_a;
    let (won_a, won_b) = if input.a_won { (1.0, 0.0) } else { (0.0, 1.0) };

    let ratings = Ratings {
        pre_a: cents(a.rating)?,
        pre_b: cents(b.rating)?,
        post_a: cents(a.rating + k * a.boost * (won_a - expected_a))?,
        post_b: cents(b.rating + k * b.boost * (won_b - expected_b))?,
    };
    let start = cents(start_elo)?;
    let after_a = advance(before_a, start, input.day, input.temporal_order, ratings.post_a);
    let after_b = advance(before_b, start, input.day, input.temporal_order, ratings.post_b);
    Ok((ratings, after_a, after_b))
}

/// The state after a match that left the player with the rating `post` (cents).
pub fn advance(
    before: Option<&PlayerState>,
    start: i32,
    day: Option<i32>,
    temporal_order: i64,
    post: i32,
) -> PlayerState {
    PlayerState {
        rating: post,
        match_count: before.map_or(0, |state| state.match_count) + 1,
        last_match_day: day.or(before.and_then(|state| state.last_match_day)),
        last_temporal_order: temporal_order,
        career_peak: before.map_or(start, |state| state.career_peak).max(post),
    }
}

/// One player on the way into a match: the decayed rating and the boost of K.
struct Side {
    rating: f64,
    boost: f64,
}

impl Side {
    fn before(
        parameters: &Parameters,
        input: &MatchInput,
        start_elo: f64,
        state: Option<&PlayerState>,
    ) -> Self {
        let days = state
            .and_then(|state| state.last_match_day)
            .zip(input.day)
            .map(|(last, day)| f64::from(day) - f64::from(last));
        let rating = state.map_or(start_elo, |state| f64::from(state.rating) / 100.0);
        Self {
            rating: decayed(parameters, rating, start_elo, days),
            boost: boost(parameters, state.map_or(0, |state| state.match_count), days),
        }
    }
}

/// Step 4: absence draws a rating towards the start rating.
fn decayed(parameters: &Parameters, rating: f64, target: f64, days: Option<f64>) -> f64 {
    match days {
        Some(days) if days > parameters.decay_start_days => {
            let exponent = -parameters.decay_rate * (days - parameters.decay_start_days) / 365.0;
            target + (rating - target) * exponent.exp()
        }
        _ => rating,
    }
}

/// Step 5: new and returning players move faster.
fn boost(parameters: &Parameters, match_count: i32, days: Option<f64>) -> f64 {
    let mut boost = 1.0;
    let count = f64::from(match_count);
    if count < parameters.new_threshold {
        boost *= parameters.new_boost + (1.0 - parameters.new_boost) * count / parameters.new_threshold;
    }
    if days.is_some_and(|days| days > parameters.returning_days) {
        boost *= parameters.returning_boost;
    }
    boost.clamp(1.0, 3.0)
}

/// Step 8: the probability that a player with rating `a` beats one with rating `b`.
fn expected_score(a: f64, b: f64, s: f64) -> f64 {
    // The base is hidden from the optimizer: it would call exp10 instead of pow, whose last bit may differ.
    1.0 / (1.0 + black_box(10.0_f64).powf((b - a) / s))
}

/// Step 6: the margin of victory in games.
fn margin(parameters: &Parameters, input: &MatchInput) -> f64 {
    let Some((games_a, games_b)) = input.games else { return 1.0 };
    let (won, lost) = if input.a_won { (games_a, games_b) } else { (games_b, games_a) };
    let (numerator, denominator) = match i128::from(won) + i128::from(lost) {
        0 => (1, 2), // no game was played: dominance 0.5
        played => (i128::from(won) - i128::from(lost), played),
    };
    decimal_margin(parameters.margin_base, parameters.margin_scale, numerator, denominator)
        .unwrap_or_else(|| float_margin(parameters, numerator as f64 / denominator as f64))
}

/// base + scale * numerator / denominator in exact decimal arithmetic, clamped to [0.5, 2], rounded to 4
/// decimals half-to-even. None when the parameters have too many digits for it.
fn decimal_margin(base: f64, scale: f64, numerator: i128, denominator: i128) -> Option<f64> {
    /// Both parameters are brought to this many decimals; 2 * 10^17 * 10^5 games stay far below 2^127.
    const DECIMALS: u32 = 16;
    let unit = 10_i128.pow(DECIMALS);
    let base = scaled_decimal(base, DECIMALS)?;
    let scale = scaled_decimal(scale, DECIMALS)?;
    // The margin times `unit * denominator`, then clamped.
    let whole = unit.checked_mul(denominator)?;
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

/// The shortest decimal that reads back as `value`, times 10^`decimals`, when it has no more decimals.
fn scaled_decimal(value: f64, decimals: u32) -> Option<i128> {
    let text = format!("{value}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let missing = decimals.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    format!("{whole}{fraction}").parse::<i128>().ok()?.checked_mul(10_i128.pow(missing))
}

/// The margin for parameters that decimal arithmetic has no room for.
fn float_margin(parameters: &Parameters, dominance: f64) -> f64 {
    let margin = (parameters.margin_base + dominance * parameters.margin_scale).clamp(0.5, 2.0);
    (margin * 10_000.0).round_ties_even() / 10_000.0
}

/// Step 9: to the nearest cent of the double's exact value; an exact tie goes to the even cent, as in Python's
/// `round`.
fn cents(rating: f64) -> Result<i32, OutOfRange> {
    let scaled = rating * 100.0;
    if scaled.is_nan() || scaled.abs() > CENTS_MAX {
        return Err(OutOfRange);
    }
    let floor = scaled.floor();
    // What the multiplication rounded away decides when the product looks like a tie.
    let fraction = (scaled - floor) + rating.mul_add(100.0, -scaled);
    let up = fraction > 0.5 || (fraction == 0.5 && floor.rem_euclid(2.0) == 1.0);
    Ok(floor as i32 + i32::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_follow_the_exact_value_of_the_double() {
        assert_eq!(cents(1500.0), Ok(150_000));
        assert_eq!(cents(1.005), Ok(100)); // the double is 1.00499999999999989…
        assert_eq!(cents(2.675), Ok(267)); // 2.67499999999999982…
        assert_eq!(cents(1.015), Ok(101)); // 1.01499999999999990…
        assert_eq!(cents(0.125), Ok(12)); // an exact tie: even
        assert_eq!(cents(0.375), Ok(38));
        assert_eq!(cents(-0.125), Ok(-12));
        assert_eq!(cents(f64::NAN), Err(OutOfRange));
        assert_eq!(cents(1e9), Err(OutOfRange));
    }

    #[test]
    fn cents_agree_with_exact_decimal_printing() {
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        for _ in 0..200_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let rating = (seed >> 11) as f64 / (1_u64 << 53) as f64 * 4000.0;
            let printed = format!("{rating:.2}").replace('.', "");
            assert_eq!(
                cents(rating).unwrap().to_string(),
                printed.trim_start_matches('0').to_owned(),
                "{rating}"
            );
        }
    }

    #[test]
    fn the_margin_is_decimal_and_half_even() {
        // 0.85 + 0.3 * 1/48 = 0.85625 and 0.85 + 0.3 * 3/48 = 0.86875: both ties of the fourth decimal.
        assert_eq!(decimal_margin(0.85, 0.3, 1, 48), Some(0.8562));
        assert_eq!(decimal_margin(0.85, 0.3, 3, 48), Some(0.8688));
        assert_eq!(decimal_margin(0.85, 0.3, 12, 12), Some(1.15));
        assert_eq!(decimal_margin(0.85, 0.3, -6, 18), Some(0.75));
        assert_eq!(decimal_margin(0.1, 0.1, 0, 10), Some(0.5));
        assert_eq!(decimal_margin(9.0, 0.1, 0, 10), Some(2.0));
    }

    #[test]
    fn a_first_match_between_equals() {
        let input = MatchInput {
            code: LevelCode::of("ATP 250", "ATP"),
            day: Some(5484),
            temporal_order: 201_501_060_000_130,
            a_won: true,
            games: Some((12, 4)),
        };
        let (ratings, a, b) = rate(&Parameters::default(), &input, None, None).unwrap();
        assert_eq!(ratings, Ratings { pre_a: 150_000, pre_b: 150_000, post_a: 158_100, post_b: 141_900 });
        assert_eq!((a.match_count, a.career_peak), (1, 158_100));
        assert_eq!((b.match_count, b.career_peak), (1, 150_000));
    }
}
