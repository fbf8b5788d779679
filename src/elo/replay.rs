//! The fold over matches in position order: which matches have to be rated again, and what follows from each.
//! Pure: no database, clock, file or randomness.
//!
//! A replay begins at a position and sees every rated match from there on, in order. It rates a match again when
//! the match itself is pending, or when one of its players is *suspect*: not known to be, at this point, in the
//! state that the stored ratings imply. A suspect whose match comes out as stored is trusted again. All other
//! matches only move their players on by what is stored.

use super::params::Parameters;
use super::players::Players;
use super::rating::{MatchInput, PlayerState, Rater, Ratings};

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

/// What the replay knows of a player. The default is a new player.
#[derive(Debug, Clone, Copy, Default)]
struct Tracked {
    /// The exact state at the replay's present position; None for a player without a match so far.
    state: Option<PlayerState>,
    suspicion: Suspicion,
    /// The player is among `Replay::touched`.
    touched: bool,
}

impl Tracked {
    fn is_suspect(&self) -> bool {
        self.suspicion != Suspicion::None
    }
}

/// Why a player may not be in the state that the stored ratings imply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Suspicion {
    #[default]
    None,
    /// The rating differs, or a match of the player changed. Since then this many changes were seen, by
    /// which the number of matches may differ from what the stored ratings were made with.
    Differs { changes: i32 },
}

/// A replay under way.
#[derive(Debug)]
pub struct Replay {
    rater: Rater,
    players: Players<Tracked>,
    everything: bool,
    suspects: usize,
    /// The places of the players who were suspect at any time since these were last taken, each once.
    touched: Vec<usize>,
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
        Self {
            rater: Rater::new(parameters),
            players: Players::new(),
            everything: false,
            suspects: 0,
            touched: Vec::new(),
        }
    }

    /// Whether the player's state is known at the present position.
    pub fn knows(&self, player_id: i32) -> bool {
        self.players.find(player_id).is_some()
    }

    /// Tells the present state of a player who is not known yet; None: no match so far.
    pub fn learn(&mut self, player_id: i32, state: Option<PlayerState>) {
        let place = self.players.place(player_id);
        self.players.at_mut(place).state = state;
    }

    /// The state of a player who is known.
    pub fn state(&self, player_id: i32) -> Option<PlayerState> {
        self.players.get(player_id).and_then(|tracked| tracked.state)
    }

    /// The states of all players who have played.
    pub fn states(&self) -> impl Iterator<Item = (i32, &PlayerState)> {
        self.players.iter().filter_map(|(id, tracked)| Some((id, tracked.state.as_ref()?)))
    }

    /// Tells that the player was rated as high as this (in cents) before the replay began.
    pub fn raise_peak(&mut self, player_id: i32, peak: i32) {
        let Some(place) = self.players.find(player_id) else { return };
        if let Some(state) = &mut self.players.at_mut(place).state {
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
        let Some(place) = self.players.find(player_id) else { return };
        let tracked = self.players.at_mut(place);
        let changes = match tracked.suspicion {
            Suspicion::Differs { changes } => changes,
            Suspicion::None => {
                self.suspects += 1;
                0
            }
        };
        tracked.suspicion = Suspicion::Differs { changes: changes + 1 };
        self.touch(place);
    }

    fn touch(&mut self, place: usize) {
        let tracked = self.players.at_mut(place);
        if !tracked.touched {
            tracked.touched = true;
            self.touched.push(place);
        }
    }

    /// Whether a later match may have to be rated again although it is not pending itself.
    pub fn is_unsettled(&self) -> bool {
        self.everything || self.suspects > 0
    }

    /// Whether the player is suspect now.
    pub fn is_suspect(&self, player_id: i32) -> bool {
        self.everything || self.players.get(player_id).is_some_and(Tracked::is_suspect)
    }

    /// The players who are suspect now.
    pub fn suspects(&self) -> Vec<i32> {
        let all = self.players.iter();
        all.filter(|(_, tracked)| self.everything || tracked.is_suspect()).map(|(id, _)| id).collect()
    }

    /// The players who were suspect at any time since the last call: their stored states may have to change. In
    /// order of their ids.
    pub fn take_touched(&mut self) -> Vec<i32> {
        let mut touched = Vec::with_capacity(self.touched.len());
        for place in self.touched.drain(..) {
            self.players.at_mut(place).touched = false;
            touched.push(self.players.id(place));
        }
        touched.sort_unstable();
        touched
    }

    /// Visits the next match. If it is rated again, its players have to be known; who is not is new. `pending`: the
    /// match itself changed; the caller has made both players suspect.
    ///
    /// # Errors
    /// A rating left the range of its column.
    pub fn visit(&mut self, stored_match: &StoredMatch, pending: bool) -> Result<Visit, Overflow> {
        let place_a = self.players.find(stored_match.player_a_id);
        let place_b = self.players.find(stored_match.player_b_id);
        let is_suspect =
            |place: Option<usize>| place.is_some_and(|place| self.players.at(place).is_suspect());
        let suspected =
            pending || stored_match.stale || self.everything || is_suspect(place_a) || is_suspect(place_b);
        match stored_match.stored {
            Some(stored) if !suspected => {
                self.trust(place_a, &stored_match.input, stored.post_a);
                self.trust(place_b, &stored_match.input, stored.post_b);
                Ok(Visit::Trusted)
            }
            _ => {
                let place_a = place_a.unwrap_or_else(|| self.players.place(stored_match.player_a_id));
                let place_b = place_b.unwrap_or_else(|| self.players.place(stored_match.player_b_id));
                self.rate_again(stored_match, pending, place_a, place_b)
            }
        }
    }

    /// Moves a player, if known, on by what is stored.
    fn trust(&mut self, place: Option<usize>, input: &MatchInput, post: i32) {
        let Some(place) = place else { return };
        let state = &mut self.players.at_mut(place).state;
        *state = Some(self.rater.advance(state.as_ref(), input, post));
    }

    fn rate_again(
        &mut self,
        stored_match: &StoredMatch,
        pending: bool,
        place_a: usize,
        place_b: usize,
    ) -> Result<Visit, Overflow> {
        let input = &stored_match.input;
        let before_a = self.players.at(place_a).state.as_ref();
        let before_b = self.players.at(place_b).state.as_ref();
        let ratings =
            self.rater.rate(input, before_a, before_b).map_err(|_| Overflow { match_id: stored_match.id })?;
        let after_a = self.rater.advance(before_a, input, ratings.post_a);
        let after_b = self.rater.advance(before_b, input, ratings.post_b);
        let stored = stored_match.stored;
        // A pending match may have had another date when the stored ratings were made.
        let same_day = !pending && input.day.is_some();
        let same_a = stored.is_some_and(|stored| stored.post_a == ratings.post_a);
        let same_b = stored.is_some_and(|stored| stored.post_b == ratings.post_b);
        self.settle(place_a, after_a, same_day, same_a);
        self.settle(place_b, after_b, same_day, same_b);
        let holds = stored == Some(ratings) && !stored_match.stale;
        Ok(if holds { Visit::Confirmed } else { Visit::Changed(ratings) })
    }

    /// Sets the player's state after a match that was rated again, and decides whether the player is suspect from
    /// here on. `same_rating`: the stored rating after the match is the one computed now; `same_day`: the date of
    /// the last match is surely the one that the stored ratings were made with.
    ///
    /// A player is trusted again when nothing that later ratings depend on can differ: the rating and the day are
    /// the same, and the number of matches no longer matters, whatever it was when the stored ratings were made.
    fn settle(&mut self, place: usize, after: PlayerState, same_day: bool, same_rating: bool) {
        let tracked = self.players.at_mut(place);
        tracked.state = Some(after);
        let was_suspect = tracked.is_suspect();
        match tracked.suspicion {
            Suspicion::None if !same_rating => {
                tracked.suspicion = Suspicion::Differs { changes: 0 };
                self.suspects += 1;
            }
            Suspicion::Differs { changes } if same_rating => {
                let fewest = f64::from(after.match_count.saturating_sub(changes));
                let settled = changes == 0 || (same_day && fewest >= self.rater.parameters().new_threshold);
                if settled {
                    tracked.suspicion = Suspicion::None;
                    self.suspects -= 1;
                }
            }
            _ => {}
        }
        if self.everything || was_suspect || !same_rating {
            self.touch(place);
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
        let rater = Rater::new(Parameters::default());
        let ratings = rater.rate(&input, Some(&before_a), Some(&before_b)).unwrap();
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
    fn players_nobody_told_about_stay_unknown_until_they_are_rated() {
        let mut replay = Replay::new(Parameters::default());
        let one = stored_match(Some(110), state(80), state(90));
        assert_eq!(replay.visit(&one, false), Ok(Visit::Trusted));
        assert!(!replay.knows(A) && !replay.knows(B));
        // Who is rated and not known is new: 1500 against 1500, the boost of a first match.
        let first = StoredMatch { stored: None, ..one };
        let new = Ratings { pre_a: 150_000, pre_b: 150_000, post_a: 158_100, post_b: 141_900 };
        assert_eq!(replay.visit(&first, false), Ok(Visit::Changed(new)));
        let states: Vec<(i32, i32, i32)> =
            replay.states().map(|(id, state)| (id, state.rating, state.match_count)).collect();
        assert_eq!(states, [(A, 158_100, 1), (B, 141_900, 1)]);
    }

    #[test]
    fn who_was_touched_is_told_once() {
        let mut replay = replay(80);
        replay.suspect_everything();
        let one = stored_match(Some(110), state(80), state(90));
        assert!(replay.visit(&one, false).is_ok() && replay.visit(&one, false).is_ok());
        replay.suspect(B);
        assert_eq!(replay.take_touched(), [A, B]);
        assert!(replay.take_touched().is_empty());
        assert!(replay.visit(&one, false).is_ok());
        assert_eq!(replay.take_touched(), [A, B]);
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
