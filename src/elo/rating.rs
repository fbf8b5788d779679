//! The maths of one match (ELO.md, "The fold"). Pure: no database, clock, file or randomness.
//!
//! Ratings are kept in cents, as the database keeps them; the calculation itself is in doubles, in the order of
//! operations of the running Teelo system, so that every number is the same to the cent.

use std::hint::black_box;

use super::margin::Margins;
use super::params::{LevelCode, Parameters};

/// Ratings beyond this do not fit numeric(8,2).
const CENTS_MAX: f64 = 99_999_999.0;

/// A multiplication below [`CENTS_MAX`] rounds away less than this, by far.
const NEARLY_A_TIE: f64 = 1e-6;

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

/// The maths under one set of parameters: what depends on nothing else is computed once.
#[derive(Debug, Clone)]
pub struct Rater {
    parameters: Parameters,
    codes: [OfCode; LevelCode::COUNT],
    margins: Margins,
}

/// What depends on the level code only.
#[derive(Debug, Clone, Copy)]
struct OfCode {
    k: f64,
    s: f64,
    start_elo: f64,
    /// The same in cents.
    start: i32,
}

/// One player on the way into a match.
struct Side {
    /// The decayed rating.
    rating: f64,
    /// The same in cents.
    pre: i32,
    /// The boost of K.
    boost: f64,
}

impl Rater {
    /// The maths under these parameters.
    pub fn new(parameters: Parameters) -> Self {
        let codes = std::array::from_fn(|index| {
            let code = LevelCode::at(index);
            OfCode {
                k: parameters.k(code),
                s: parameters.s(code),
                start_elo: parameters.start_elo(code),
                start: parameters.start_cents(code.women),
            }
        });
        let margins = Margins::new(parameters.margin_base, parameters.margin_scale);
        Self { parameters, codes, margins }
    }

    /// The parameters.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Rates one match: the numbers to store. A player without a state is new.
    ///
    /// # Errors
    /// A rating left the range of the column.
    pub fn rate(
        &self,
        input: &MatchInput,
        before_a: Option<&PlayerState>,
        before_b: Option<&PlayerState>,
    ) -> Result<Ratings, OutOfRange> {
        let of_code = self.of_code(input);
        let a = self.side(input, before_a)?;
        let b = self.side(input, before_b)?;

        let k = of_code.k * self.margin(input);
        let expected_a = expected_score(a.rating, b.rating, of_code.s);
        let expected_b = 1.0 - expected_a;
        let won_a = f64::from(u8::from(input.a_won));
        let won_b = 1.0 - won_a;
        Ok(Ratings {
            pre_a: a.pre,
            pre_b: b.pre,
            post_a: cents(a.rating + k * a.boost * (won_a - expected_a))?,
            post_b: cents(b.rating + k * b.boost * (won_b - expected_b))?,
        })
    }

    /// The state after a match that left the player with the rating `post` (cents).
    pub fn advance(&self, before: Option<&PlayerState>, input: &MatchInput, post: i32) -> PlayerState {
        PlayerState {
            rating: post,
            match_count: before.map_or(0, |state| state.match_count) + 1,
            last_match_day: input.day.or(before.and_then(|state| state.last_match_day)),
            last_temporal_order: input.temporal_order,
            career_peak: before.map_or(self.of_code(input).start, |state| state.career_peak).max(post),
        }
    }

    fn of_code(&self, input: &MatchInput) -> &OfCode {
        &self.codes[input.code.index()]
    }

    fn side(&self, input: &MatchInput, state: Option<&PlayerState>) -> Result<Side, OutOfRange> {
        let of_code = self.of_code(input);
        let Some(state) = state else {
            let boost = self.boost(0, None);
            return Ok(Side { rating: of_code.start_elo, pre: of_code.start, boost });
        };
        let days = state.last_match_day.zip(input.day).map(|(last, day)| f64::from(day) - f64::from(last));
        let rating = f64::from(state.rating) / 100.0;
        let boost = self.boost(state.match_count, days);
        Ok(match days {
            Some(days) if days > self.parameters.decay_start_days => {
                let rating = self.decayed(rating, of_code.start_elo, days);
                Side { rating, pre: cents(rating)?, boost }
            }
            _ => Side { rating, pre: state.rating, boost },
        })
    }

    /// Step 4: absence draws a rating towards the start rating.
    fn decayed(&self, rating: f64, target: f64, days: f64) -> f64 {
        let parameters = &self.parameters;
        let exponent = -parameters.decay_rate * (days - parameters.decay_start_days) / 365.0;
        target + (rating - target) * exponent.exp()
    }

    /// Step 5: new and returning players move faster.
    fn boost(&self, match_count: i32, days: Option<f64>) -> f64 {
        let parameters = &self.parameters;
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

    /// Step 6: the margin of victory in games.
    fn margin(&self, input: &MatchInput) -> f64 {
        let Some((games_a, games_b)) = input.games else { return 1.0 };
        let (won, lost) = if input.a_won { (games_a, games_b) } else { (games_b, games_a) };
        self.margins.of(won, lost)
    }
}

/// Step 8: the probability that a player with rating `a` beats one with rating `b`.
fn expected_score(a: f64, b: f64, s: f64) -> f64 {
    // The base is hidden from the optimizer: it would call exp10 instead of pow, whose last bit may differ.
    1.0 / (1.0 + black_box(10.0_f64).powf((b - a) / s))
}

/// Step 9: to the nearest cent of the double's exact value; an exact tie goes to the even cent, as in Python's
/// `round`.
fn cents(rating: f64) -> Result<i32, OutOfRange> {
    let scaled = rating * 100.0;
    if scaled.is_nan() || scaled.abs() > CENTS_MAX {
        return Err(OutOfRange);
    }
    let towards_zero = scaled as i32;
    let floor = towards_zero - i32::from(f64::from(towards_zero) > scaled);
    let fraction = scaled - f64::from(floor);
    let is_clear = (fraction - 0.5).abs() > NEARLY_A_TIE;
    let up = if is_clear { fraction > 0.5 } else { goes_up(rating, scaled, fraction, floor) };
    Ok(floor + i32::from(up))
}

/// Whether `rating` is rounded up although it looks like a tie: what the multiplication rounded away decides.
#[cold]
fn goes_up(rating: f64, scaled: f64, fraction: f64, floor: i32) -> bool {
    let fraction = fraction + rating.mul_add(100.0, -scaled);
    fraction > 0.5 || (fraction == 0.5 && floor % 2 != 0)
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
    fn ratings_of_whole_cents_are_those_cents() {
        // So a rating that is not decayed need not be rounded again.
        let edges = [0, 1, -1, 150_000, 99_999_999, -99_999_999];
        for whole in edges.into_iter().chain((-99_999_999..99_999_999).step_by(997)) {
            assert_eq!(cents(f64::from(whole) / 100.0), Ok(whole));
        }
    }

    #[test]
    fn cents_look_at_what_the_product_lost_only_where_it_matters() {
        let mut seed = 7_u64;
        for _ in 0..200_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Ratings at and beside half a cent, of every size and sign.
            let half =
                f64::from((seed >> 40) as i32 % 3_000 - 1_500) * 10_f64.powi((seed % 4) as i32 - 1) + 0.005;
            for rating in [half, half.next_up(), half.next_down(), half + 1e-9, half - 1e-9] {
                let scaled = rating * 100.0;
                let fraction = (scaled - scaled.floor()) + rating.mul_add(100.0, -scaled);
                let up = fraction > 0.5 || (fraction == 0.5 && scaled.floor().rem_euclid(2.0) == 1.0);
                assert_eq!(cents(rating), Ok(scaled.floor() as i32 + i32::from(up)), "{rating}");
            }
        }
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
    fn a_first_match_between_equals() {
        let input = MatchInput {
            code: LevelCode::of("ATP 250", "ATP"),
            day: Some(5484),
            temporal_order: 201_501_060_000_130,
            a_won: true,
            games: Some((12, 4)),
        };
        let rater = Rater::new(Parameters::default());
        let ratings = rater.rate(&input, None, None).unwrap();
        assert_eq!(ratings, Ratings { pre_a: 150_000, pre_b: 150_000, post_a: 158_100, post_b: 141_900 });
        let (a, b) =
            (rater.advance(None, &input, ratings.post_a), rater.advance(None, &input, ratings.post_b));
        assert_eq!((a.match_count, a.career_peak), (1, 158_100));
        assert_eq!((b.match_count, b.career_peak), (1, 150_000));
    }
}
