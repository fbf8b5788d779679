//! The fold over matches in position order: which matches have to be rated again, and what follows from each.
//! Pure: no database, clock, file or randomness.
//!
//! A replay begins at a position and sees every rated match from there on, in order. It rates a match again when
//! the match itself is pending, or when one of its players is *suspect*: not known to be, at this point, in the
//! state that the stored ratings imply. A suspect whose match comes out as stored is trusted again. All other
//! matches only move their players on by what is stored.

use std::collections::HashMap;

use super::params::Parameters;
use super::rating::{MatchInput, PlayerState, Ratings, advance, rate};

/// A place in the order in which matches are rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// First by this.
    pub temporal_order: i64,
    /// Then by this.
    pub match_id: i32,
}

impl Position {
    /// Before every match.
    pub const START: Self = Self { temporal_order: i64::MIN, match_id: i32::MIN };
    /// After every match.
    pub const END: Self = Self { temporal_order: i64::MAX, match_id: i32::MAX };

    /// The next position: nothing lies between the two. Nothing follows END.
    pub fn next(self) -> Self {
        match (self.match_id.checked_add(1), self.temporal_order.checked_add(1)) {
            (Some(match_id), _) => Self { match_id, ..self },
            (None, Some(temporal_order)) => Self { temporal_order, match_id: i32::MIN },
            (None, None) => Self::END,
        }
    }
}

/// A ratable match with what is stored of its rating.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMatch {
    /// Its id, the second part of its position.
    pub id: i32,
    /// Side A.
    pub player_a_id: i32,
    /// Side B.
    pub player_b_id: i32,
    /// What its rating depends on.
    pub input: MatchInput,
    /// The stored numbers; None when they are not all there.
    pub stored: Option<Ratings>,
    /// The stored parameter version or the legacy mark says that the row has to be written even if no number changes.
    pub stale: bool,
}

impl StoredMatch {
    /// Where the match stands in the order.
    pub fn position(&self) -> Position {
        Position { temporal_order: self.input.temporal_order, match_id: self.id }
    }
}

/// What a visit to a match led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// What is stored holds.
    Trusted,
    /// Rated again, with the stored result.
    Confirmed,
    /// Rated, and the row has to be written.
    Changed(Ratings),
}

/// What the replay knows of a player.
#[derive(Debug, Clone, Copy)]
struct Tracked {
    /// The exact state at the replay's present position; None for a player without a match so far.
    state: Option<PlayerState>,
    suspicion: Suspicion,
}

/// Why a player may not be in the state that the stored ratings imply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suspicion {
    None,
    /// The rating differs, or a match of the player changed. Since then this many changes were seen, by
    /// which the number of matches may differ from what the stored ratings were made with.
    Differs {
        changes: i32,
    },
}

/// A replay under way.
#[derive(Debug)]
pub struct Replay {
    parameters: Parameters,
    players: HashMap<i32, Tracked>,
    everything: bool,
    suspects: usize,
    /// Players who were suspect at any time since these were last taken.
    touched: Vec<i32>,
}

/// A rating left the range of its column while this match was rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow {
    /// The match.
    pub match_id: i32,
}

impl Replay {
    /// A replay that knows no player yet.
    pub fn new(parameters: Parameters) -> Self {
        Self { parameters, players: HashMap::new(), everything: false, suspects: 0, touched: Vec::new() }
    }

    /// Whether the player's state is known at the present position.
    pub fn knows(&self, player_id: i32) -> bool {
        self.players.contains_key(&player_id)
    }

    /// Tells the player's state at the present position; None: no match so far.
    pub fn learn(&mut self, player_id: i32, state: Option<PlayerState>) {
        self.players.insert(player_id, Tracked { state, suspicion: Suspicion::None });
    }

    /// The state of a player who is known.
    pub fn state(&self, player_id: i32) -> Option<PlayerState> {
        self.players.get(&player_id).and_then(|tracked| tracked.state)
    }

    /// Tells that the player was rated as high as this (in cents) before the replay began.
    pub fn raise_peak(&mut self, player_id: i32, peak: i32) {
        if let Some(state) = self.players.get_mut(&player_id).and_then(|tracked| tracked.state.as_mut()) {
            state.career_peak = state.career_peak.max(peak);
        }
    }

    /// From here on every match is rated again, and nobody is trusted.
    pub fn suspect_everything(&mut self) {
        self.everything = true;
    }

    /// Whether every match is rated again.
    pub fn suspects_everything(&self) -> bool {
        self.everything
    }

    /// A match of this (known) player changed, appeared or went at the present position.
    pub fn suspect(&mut self, player_id: i32) {
        if let Some(tracked) = self.players.get_mut(&player_id) {
            let changes = match tracked.suspicion {
                Suspicion::Differs { changes } => changes,
                Suspicion::None => {
                    self.suspects += 1;
                    0
                }
            };
            tracked.suspicion = Suspicion::Differs { changes: changes + 1 };
            self.touched.push(player_id);
        }
    }

    /// Whether a later match may have to be rated again although it is not pending itself.
    pub fn is_unsettled(&self) -> bool {
        self.everything || self.suspects > 0
    }

    /// Whether the player is suspect now.
    pub fn is_suspect(&self, player_id: i32) -> bool {
        self.everything
            || self.players.get(&player_id).is_some_and(|tracked| tracked.suspicion != Suspicion::None)
    }

    /// The players who are suspect now.
    pub fn suspects(&self) -> Vec<i32> {
        self.players.keys().copied().filter(|id| self.is_suspect(*id)).collect()
    }

    /// The players who were suspect at any time since the last call: their stored states may have to change.
    pub fn take_touched(&mut self) -> Vec<i32> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    /// Visits the next match. Both players have to be known. `pending`: the match itself changed; the caller has
    /// made both players suspect.
    ///
    /// # Errors
    /// A rating left the range of its column.
    pub fn visit(&mut self, stored_match: &StoredMatch, pending: bool) -> Result<Visit, Overflow> {
        let (a, b) = (stored_match.player_a_id, stored_match.player_b_id);
        let suspected = pending || stored_match.stale || self.is_suspect(a) || self.is_suspect(b);
        if let (Some(stored), false) = (stored_match.stored, suspected) {
            self.trust(stored_match, &stored);
            return Ok(Visit::Trusted);
        }
        let (before_a, before_b) = (self.state(a), self.state(b));
        let (ratings, after_a, after_b) =
            rate(&self.parameters, &stored_match.input, before_a.as_ref(), before_b.as_ref())
                .map_err(|_| Overflow { match_id: stored_match.id })?;
        let stored = stored_match.stored;
        // A pending match may have had another date when the stored ratings were made.
        let same_day = !pending && stored_match.input.day.is_some();
        self.settle(a, after_a, same_day, stored.is_some_and(|stored| stored.post_a == ratings.post_a));
        self.settle(b, after_b, same_day, stored.is_some_and(|stored| stored.post_b == ratings.post_b));
        let holds = stored == Some(ratings) && !stored_match.stale;
        Ok(if holds { Visit::Confirmed } else { Visit::Changed(ratings) })
    }

    /// Moves both players on by what is stored.
    fn trust(&mut self, stored_match: &StoredMatch, stored: &Ratings) {
        let input = &stored_match.input;
        let start = (self.parameters.start_elo(input.code) * 100.0).round() as i32;
        for (player_id, post) in
            [(stored_match.player_a_id, stored.post_a), (stored_match.player_b_id, stored.post_b)]
        {
            if let Some(tracked) = self.players.get_mut(&player_id) {
                let after = advance(tracked.state.as_ref(), start, input.day, input.temporal_order, post);
                tracked.state = Some(after);
            }
        }
    }

    /// Sets the player's state after a match that was rated again, and decides whether the player is suspect from
    /// here on. `same_rating`: the stored rating after the match is the one computed now; `same_day`: the date of
    /// the last match is surely the one that the stored ratings were made with.
    ///
    /// A player is trusted again when nothing that later ratings depend on can differ: the rating and the day are
    /// the same, and the number of matches no longer matters, whatever it was when the stored ratings were made.
    fn settle(&mut self, player_id: i32, after: PlayerState, same_day: bool, same_rating: bool) {
        let everything = self.everything;
        let Some(tracked) = self.players.get_mut(&player_id) else { return };
        tracked.state = Some(after);
        let was_suspect = tracked.suspicion != Suspicion::None;
        match tracked.suspicion {
            Suspicion::None if !same_rating => {
                tracked.suspicion = Suspicion::Differs { changes: 0 };
                self.suspects += 1;
            }
            Suspicion::Differs { changes } if same_rating => {
                let fewest = f64::from(after.match_count.saturating_sub(changes));
                let settled = changes == 0 || (same_day && fewest >= self.parameters.new_threshold);
                if settled {
                    tracked.suspicion = Suspicion::None;
                    self.suspects -= 1;
                }
            }
            _ => {}
        }
        if everything || was_suspect || !same_rating {
            self.touched.push(player_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elo::params::LevelCode;

    const A: i32 = 1;
    const B: i32 = 2;

    /// A player with so many matches, rated 1500, who played last on the day 100.
    fn state(match_count: i32) -> PlayerState {
        PlayerState {
            rating: 150_000,
            match_count,
            last_match_day: Some(100),
            last_temporal_order: 1,
            career_peak: 150_000,
        }
    }

    /// A match of A and B with the ratings stored that follow from these states.
    fn stored_match(day: Option<i32>, before_a: PlayerState, before_b: PlayerState) -> StoredMatch {
        let input = MatchInput {
            code: LevelCode::of("ATP 250", "ATP"),
            day,
            temporal_order: 2,
            a_won: true,
            games: None,
        };
        let (ratings, _, _) = rate(&Parameters::default(), &input, Some(&before_a), Some(&before_b)).unwrap();
        StoredMatch { id: 7, player_a_id: A, player_b_id: B, input, stored: Some(ratings), stale: false }
    }

    /// A replay at which A has `count_a` matches and B many.
    fn replay(count_a: i32) -> Replay {
        let mut replay = Replay::new(Parameters::default());
        replay.learn(A, Some(state(count_a)));
        replay.learn(B, Some(state(90)));
        replay
    }

    #[test]
    fn an_undisturbed_match_is_trusted_without_a_look_at_its_numbers() {
        let mut replay = replay(80);
        let mut wrong = stored_match(Some(110), state(80), state(90));
        wrong.stored.as_mut().unwrap().post_a = 200_000;
        assert_eq!(replay.visit(&wrong, false), Ok(Visit::Trusted));
        assert_eq!(replay.state(A).unwrap().rating, 200_000);
        assert_eq!((replay.state(A).unwrap().match_count, replay.is_unsettled()), (81, false));
        assert!(replay.take_touched().is_empty());
    }

    #[test]
    fn a_pending_match_that_comes_out_as_stored_settles_nobody() {
        // Its date may be another one than that of the stored ratings: the next match's decay and boost differ then.
        let mut replay = replay(80);
        replay.suspect(A);
        replay.suspect(B);
        let same = stored_match(Some(110), state(80), state(90));
        assert_eq!(replay.visit(&same, true), Ok(Visit::Confirmed));
        assert!(replay.is_suspect(A) && replay.is_suspect(B));
    }

    #[test]
    fn a_later_dated_match_that_comes_out_as_stored_settles_both() {
        let mut replay = replay(80);
        replay.suspect(A);
        replay.suspect(B);
        let same = stored_match(Some(110), state(80), state(90));
        assert_eq!(replay.visit(&same, false), Ok(Visit::Confirmed));
        assert!(!replay.is_unsettled());
        assert_eq!(replay.take_touched(), [A, B], "the number of matches and the peak may still change");
    }

    #[test]
    fn a_match_without_a_date_settles_nobody() {
        let mut replay = replay(80);
        replay.suspect(A);
        let same = stored_match(None, state(80), state(90));
        assert_eq!(replay.visit(&same, false), Ok(Visit::Confirmed));
        assert!(replay.is_suspect(A), "the last date is still the one that may differ");
        assert!(!replay.is_suspect(B));
    }

    #[test]
    fn the_number_of_matches_matters_until_it_no_longer_boosts() {
        // After the match the count is one higher, before the change it may have been one lower: 30 of at least 30.
        for (count, is_suspect) in [(10, true), (29, true), (30, false), (31, false)] {
            let mut replay = replay(count);
            replay.suspect(A);
            let same = stored_match(Some(110), state(count), state(90));
            assert_eq!(replay.visit(&same, false), Ok(Visit::Confirmed));
            assert_eq!(replay.is_suspect(A), is_suspect, "{count} matches");
            // Each further change moves the bound by one.
            assert_eq!(replay.suspects().len(), usize::from(is_suspect));
        }
        let mut replay = replay(31);
        replay.suspect(A);
        replay.suspect(A);
        replay.suspect(A);
        let same = stored_match(Some(110), state(31), state(90));
        assert_eq!(replay.visit(&same, false), Ok(Visit::Confirmed));
        assert!(replay.is_suspect(A), "three changes: it may have been 29 matches");
    }

    #[test]
    fn a_rating_that_differs_makes_the_opponent_suspect_and_the_next_equal_one_settles() {
        let mut replay = replay(80);
        replay.suspect(A);
        let mut wrong = stored_match(Some(110), state(80), state(90));
        wrong.stored.as_mut().unwrap().post_b += 1;
        assert!(matches!(replay.visit(&wrong, false), Ok(Visit::Changed(_))));
        assert!(!replay.is_suspect(A) && replay.is_suspect(B));
        // B played no match that changed, so neither the date nor the number of matches matters.
        let (before_a, before_b) = (replay.state(A).unwrap(), replay.state(B).unwrap());
        let next = stored_match(None, before_a, before_b);
        assert_eq!(replay.visit(&next, false), Ok(Visit::Confirmed));
        assert!(!replay.is_unsettled());
    }

    #[test]
    fn a_stale_or_unrated_match_is_written_and_everything_suspect_stays_so() {
        let mut replay = replay(80);
        let mut stale = stored_match(Some(110), state(80), state(90));
        stale.stale = true;
        assert_eq!(replay.visit(&stale, false), Ok(Visit::Changed(stale.stored.unwrap())));
        assert!(!replay.is_unsettled(), "its numbers are the same");
        replay.suspect_everything();
        let (before_a, before_b) = (replay.state(A).unwrap(), replay.state(B).unwrap());
        let same = stored_match(Some(120), before_a, before_b);
        assert_eq!(replay.visit(&same, false), Ok(Visit::Confirmed));
        assert!(replay.is_unsettled() && replay.is_suspect(A));
    }

    #[test]
    fn nothing_lies_between_a_position_and_the_next() {
        let next = |temporal_order, match_id| Position { temporal_order, match_id }.next();
        assert_eq!(next(5, 7), Position { temporal_order: 5, match_id: 8 });
        assert_eq!(next(5, i32::MAX), Position { temporal_order: 6, match_id: i32::MIN });
        assert_eq!(Position::END.next(), Position::END);
    }
}
