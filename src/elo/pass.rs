//! A pass over the history: from the earliest pending position forward until nothing after it can differ.
//!
//! A pass reads ahead of what is written, in a session of its own. That is safe because it never comes back to where
//! it was: what it reads was written before it began. Others may change matches meanwhile; nobody is made to fail for it. What is
//! pending is read before the matches, so a change that the pass has not seen in the pending rows is one that it
//! leaves pending, whatever version of the match it read: the next pass rates the match again.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::batch::{Batch, Plan, Rated};
use super::rating::PlayerState;
use super::replay::{Position, Replay, StoredMatch, Visit};
use super::store::{Cursor, Pending, Reader, StateBefore, Window};
use crate::error::{Error, Result};

/// Pending rows that one part takes beyond one for each match.
const PENDING_EXTRA: i64 = 1_000;
/// For one in so many matches of a batch, in all the pass, a player is looked up by all of his or her matches (up to some
/// milliseconds each). When it is more, everybody's state is told at once (a tenth of a second for each year to come).
const MATCHES_PER_PLAYER_DERIVED: usize = 20;
/// Player states are written with every so many batches: most change again in the next ones. An interrupted run goes on where
/// they were last written, and finds the ratings after that as it makes them again.
const BATCHES_PER_WRITE_OF_STATES: u32 = 20;

/// Stands for a stored state that is not known: it equals none, and ends before everything.
const STATE_UNKNOWN: PlayerState = PlayerState {
    rating: 0,
    match_count: -1,
    last_match_day: None,
    last_temporal_order: i64::MIN,
    career_peak: 0,
};

/// A pass under way.
pub struct Pass<'a> {
    plan: &'a Plan<'a>,
    replay: Replay,
    /// The stored states of the players that the replay knows.
    stored: HashMap<i32, PlayerState>,
    /// Players whose stored state may have to change, but ends behind the frontier, by where it ends. When the run ends
    /// here, the next one rates everything from the frontier on again, and so finds them.
    owed: BTreeSet<(i64, i32)>,
    /// The players whose peak before the pass is not known, with the highest that it can be.
    open_peaks: HashMap<i32, i32>,
    /// How many players were looked up by all of their matches.
    derived: usize,
    /// Where everybody whose state is easily told was learned; START: nowhere yet.
    learned_at: Position,
    /// The next position to visit.
    frontier: Position,
    /// Where a run goes on when this one is interrupted: the frontier when states were last written.
    resume_at: Position,
    /// Batches since then.
    batches: u32,
    /// The pending rows of these: they name players of whom no match may be left.
    pending_done: Vec<i64>,
    cursor: Cursor,
    /// The pending row that tells the next run where to go on. It says nothing new to the pass itself. Known by its id: an
    /// interrupted run may have left one at the same position.
    mark: Option<i64>,
    /// When no match lies before the pass: the players whose matches it left as they are. Whoever else is not known is new.
    passed_by: Option<HashSet<i32>>,
}

/// A part of the history: what lies from the frontier to a position, that included.
struct Part {
    window: Window,
    pending: Vec<Pending>,
    last: Position,
}

impl<'a> Pass<'a> {
    /// A pass that begins at `first`. `everything`: every match from there on is rated again.
    ///
    /// # Errors
    /// The server's.
    pub fn begin(
        reader: &mut Reader<'_>,
        plan: &'a Plan<'a>,
        first: Position,
        everything: bool,
        cursor: Cursor,
    ) -> Result<Self> {
        let from_beginning = !reader.any_match_before(first)?;
        let mut replay = Replay::new(plan.parameters.clone());
        if everything {
            replay.suspect_everything();
        }
        log::debug!("replaying from {} / {}", first.temporal_order, first.match_id);
        Ok(Self {
            plan,
            replay,
            stored: HashMap::new(),
            owed: BTreeSet::new(),
            open_peaks: HashMap::new(),
            derived: 0,
            learned_at: Position::START,
            frontier: first,
            resume_at: first,
            batches: 0,
            pending_done: Vec::new(),
            cursor,
            mark: None,
            passed_by: from_beginning.then(HashSet::new),
        })
    }

    /// Nothing from the frontier on can differ.
    pub fn has_ended(&self) -> bool {
        self.frontier == Position::END || !self.replay.is_unsettled()
    }

    /// The next position to visit.
    pub fn frontier(&self) -> Position {
        self.frontier
    }

    /// Tells which pending row marks the pass's place.
    pub fn set_mark(&mut self, mark: Option<i64>) {
        self.mark = mark;
    }

    /// Reads and rates the next batch of matches, of at most `budget`. When that is spent, the batch leaves everything as if
    /// the pass had ended there.
    ///
    /// # Errors
    /// A rating leaves the range of its column, or the server's.
    pub fn next(&mut self, reader: &mut Reader<'_>, budget: &mut u64) -> Result<Batch> {
        let first = self.frontier;
        let limit = u64::from(self.plan.batch_size).min(*budget);
        let part = self.read_part(reader, limit as i64)?;
        *budget -= (part.window.matches.len() as u64).min(*budget);
        self.learn_players(reader, &part)?;
        let mut batch = Batch::default();
        self.visit(&part, &mut batch)?;
        self.frontier = part.last.next();
        if let Some(rated) = part.window.matches.last().map(StoredMatch::position) {
            self.cursor.position = self.cursor.position.max(Some(rated));
        }
        self.pending_done.extend(part.pending.iter().map(|pending| pending.id));
        self.batches += 1;
        if self.has_ended() || *budget == 0 || self.batches == BATCHES_PER_WRITE_OF_STATES {
            self.collect_states(reader, part.last, &mut batch)?;
            (self.resume_at, self.batches) = (self.frontier, 0);
            batch.pending_done = std::mem::take(&mut self.pending_done);
        }
        batch.sweeps_states = self.passed_by.is_some()
            && self.replay.suspects_everything()
            && first.temporal_order == Position::START.temporal_order;
        batch.goes_on = (!self.has_ended()).then_some(self.resume_at);
        batch.cursor = self.cursor;
        Ok(batch)
    }

    /// Reads at most `limit` matches from the frontier on, and what is pending among them.
    fn read_part(&self, reader: &mut Reader<'_>, limit: i64) -> Result<Part> {
        let pending_limit = limit + PENDING_EXTRA;
        let mut pending = reader.pending(self.frontier, pending_limit)?;
        let mut window = reader.window(self.frontier, limit, &self.plan.parameters.version)?;
        let mut last = Position::END;
        if window.matches.len() as i64 == limit {
            last = window.matches.last().map_or(last, StoredMatch::position);
            // Better ends between two temporal orders: a player's stored state tells in which order it ends, not at which match.
            if let Some(ends) =
                window.matches.iter().rposition(|one| one.input.temporal_order < last.temporal_order)
            {
                window.matches.truncate(ends + 1);
                last = Position { temporal_order: last.temporal_order - 1, match_id: i32::MAX };
            }
        }
        if let (Some(bound), true) = (pending.last(), pending.len() as i64 == pending_limit) {
            // There may be more at the position of the last row, so that one waits for the next part, unless it is the only one.
            let earlier = pending.iter().rev().find(|one| one.position < bound.position);
            last = last.min(earlier.unwrap_or(bound).position);
            window.matches.retain(|one| one.position() <= last);
        }
        pending.retain(|one| one.position <= last && Some(one.id) != self.mark);
        Ok(Part { window, pending, last })
    }

    /// Tells the replay the states of the players that it may have to rate in the part.
    fn learn_players(&mut self, reader: &mut Reader<'_>, part: &Part) -> Result<()> {
        let needed = self.players_needed(part);
        let mut unknown: Vec<i32> = needed.into_iter().filter(|id| !self.replay.knows(*id)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        unknown.sort_unstable();
        let stored = reader.states(&unknown)?;
        let first = self.frontier;
        let is_new = |id: &i32| self.passed_by.as_ref().is_some_and(|passed_by| !passed_by.contains(id));
        // A state that ends before the part is the state at its beginning. Ties of the order cannot be told apart by it.
        let mut exact = stored.clone();
        exact.retain(|id, state| !is_new(id) && state.last_temporal_order < first.temporal_order);
        let mut inexact = unknown.clone();
        inexact.retain(|id| !is_new(id) && !exact.contains_key(id));
        let derived_max = self.plan.batch_size as usize / MATCHES_PER_PLAYER_DERIVED;
        let may_learn_all = self.learned_at == Position::START && !self.replay.suspects_everything();
        self.derived += inexact.len();
        if self.derived > derived_max && may_learn_all {
            self.learn_all(reader)?;
            inexact.retain(|id| !self.replay.knows(*id));
            unknown.retain(|id| !self.replay.knows(*id));
        }
        let derived = reader.derive_states(self.plan.parameters, &inexact, first)?;
        for id in unknown {
            self.replay.learn(id, exact.get(&id).or_else(|| derived.get(&id)).copied());
            if let Some(stored) = stored.get(&id) {
                self.stored.insert(id, *stored);
            }
        }
        Ok(())
    }

    /// Tells the replay the states at the frontier of everybody who plays from there on and whose state can be told without a
    /// look at all of their matches. What the pass has not written yet is not of these players: it knows whom it rated.
    fn learn_all(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        self.learned_at = self.frontier;
        for StateBefore { player_id, state, peak_is_open, stored } in
            reader.states_before(self.frontier, self.mark)?
        {
            if self.replay.knows(player_id) {
                continue;
            }
            self.replay.learn(player_id, state);
            self.stored.insert(player_id, stored);
            if peak_is_open {
                self.open_peaks.insert(player_id, stored.career_peak);
            }
        }
        Ok(())
    }

    /// The players of the matches that may have to be rated again: of a pending match, of one that is not rated, and
    /// of every later match of such a player.
    fn players_needed(&self, part: &Part) -> HashSet<i32> {
        let mut needed: HashSet<i32> = HashSet::new();
        let mut everything = self.replay.suspects_everything();
        let mut pending = part.pending.iter().peekable();
        for one in &part.window.matches {
            while let Some(change) = pending.next_if(|change| change.position <= one.position()) {
                everything |= change.players.is_none();
                needed.extend(change.players.into_iter().flat_map(|(a, b)| [a, b]));
            }
            let players = [one.player_a_id, one.player_b_id];
            let may_differ = |id: &i32| needed.contains(id) || self.replay.is_suspect(*id);
            if everything || one.stale || one.stored.is_none() || players.iter().any(may_differ) {
                needed.extend(players);
            }
        }
        needed.extend(pending.filter_map(|change| change.players).flat_map(|(a, b)| [a, b]));
        needed
    }

    /// Visits the part's matches and what is pending between them, in order.
    fn visit(&mut self, part: &Part, batch: &mut Batch) -> Result<()> {
        let window = &part.window;
        let mut pending = part.pending.iter().peekable();
        for stored_match in &window.matches {
            let position = stored_match.position();
            let mut is_pending = false;
            while let Some(change) = pending.next_if(|change| change.position <= position) {
                is_pending |= change.position == position && change.players.is_some();
                self.apply(change);
            }
            self.visit_match(stored_match, is_pending, window, batch)?;
        }
        pending.for_each(|change| self.apply(change));
        batch.counts.matches_read = window.matches.len() as u64;
        batch.counts.unreadable_scores = window.unreadable_scores;
        batch.counts.unknown_levels =
            window.unknown_levels.iter().map(|(level, count)| (level.clone(), *count)).collect();
        Ok(())
    }

    fn visit_match(
        &mut self,
        stored_match: &StoredMatch,
        is_pending: bool,
        window: &Window,
        batch: &mut Batch,
    ) -> Result<()> {
        let visit = self.replay.visit(stored_match, is_pending).map_err(|overflow| {
            Error::failed(format!(
                "match {}: the rating leaves the range of its column (below 1,000,000); check the parameters in \
                 elo_parameter_sets",
                overflow.match_id
            ))
        })?;
        match visit {
            Visit::Trusted => {
                if let Some(passed_by) = &mut self.passed_by {
                    passed_by.extend([stored_match.player_a_id, stored_match.player_b_id]);
                }
            }
            Visit::Confirmed => batch.counts.matches_confirmed += 1,
            Visit::Changed(ratings) => {
                match stored_match.stored {
                    None => batch.counts.matches_rated += 1,
                    Some(_) => batch.counts.matches_rerated += 1,
                }
                let marked = window.marked.contains(&stored_match.id);
                batch.rated.push(Rated { match_id: stored_match.id, ratings, marked });
            }
        }
        Ok(())
    }

    fn apply(&mut self, change: &Pending) {
        match change.players {
            Some((a, b)) => {
                self.replay.suspect(a);
                self.replay.suspect(b);
            }
            None => self.replay.suspect_everything(),
        }
    }

    /// Collects the states of the part's players that differ from what is stored.
    ///
    /// A stored state that ends behind the frontier belongs to matches that the pass has not reached. It stays until
    /// the pass reaches its end, so that the site never shows a rating of long ago, and is written once; or until the
    /// pass ends because everybody is trusted again, which settles the rating, but not the number of matches and the
    /// peak: these come from the matches.
    fn collect_states(&mut self, reader: &mut Reader<'_>, last: Position, batch: &mut Batch) -> Result<()> {
        let mut touched = self.replay.take_touched();
        if self.frontier == Position::END {
            touched.extend(self.replay.suspects());
        }
        for id in touched {
            let ends = self.stored.get(&id).map_or(i64::MIN, |stored| stored.last_temporal_order);
            self.owed.insert((ends, id));
        }
        let reached = if self.frontier == Position::END { i64::MAX } else { last.temporal_order };
        let later = match reached.checked_add(1) {
            Some(next) => self.owed.split_off(&(next, i32::MIN)),
            None => BTreeSet::new(),
        };
        let mut due = Vec::new();
        for (ends, id) in std::mem::replace(&mut self.owed, later) {
            // Of the matches of the last order some may be left to the next part. At which of them the stored state ends is
            // not known; nothing may come after the frontier, so it cannot wait.
            let is_sure = ends < reached || last.match_id == i32::MAX || self.replay.is_suspect(id);
            if is_sure {
                due.push(id);
            } else {
                self.derive_state(id, batch);
            }
        }
        self.close_peaks(reader, &due)?;
        due.into_iter().for_each(|id| self.collect_state(id, batch));
        if self.has_ended() {
            for (_, id) in std::mem::take(&mut self.owed) {
                self.derive_state(id, batch);
            }
        }
        Ok(())
    }

    /// Looks up the peaks before the pass of those `players` for whom it matters: who had the highest rating since, and
    /// does not reach it any more.
    fn close_peaks(&mut self, reader: &mut Reader<'_>, players: &[i32]) -> Result<()> {
        let mut open = Vec::new();
        for id in players {
            let Some(state) = self.replay.state(*id) else { continue };
            if self.open_peaks.remove(id).is_some_and(|highest| state.career_peak < highest) {
                open.push(*id);
            }
        }
        let earlier = reader.derive_states(self.plan.parameters, &open, self.learned_at)?;
        for (id, state) in earlier {
            self.replay.raise_peak(id, state.career_peak);
        }
        Ok(())
    }

    fn collect_state(&mut self, id: i32, batch: &mut Batch) {
        match self.replay.state(id) {
            state if self.stored.get(&id) == state.as_ref() => {}
            Some(state) => {
                self.stored.insert(id, state);
                batch.states.push((id, state));
            }
            None => {
                self.stored.remove(&id);
                batch.states_gone.push(id);
            }
        }
    }

    /// Leaves the state to the session that writes. What is stored then is not known here.
    fn derive_state(&mut self, id: i32, batch: &mut Batch) {
        batch.states_to_derive.push((id, self.stored.insert(id, STATE_UNKNOWN)));
    }
}
