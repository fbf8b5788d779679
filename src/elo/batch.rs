//! One batch of the replay: read a window, rate what has to be rated, write it, all in one transaction.
//!
//! Others may change matches meanwhile; nobody is made to fail for it. What is pending is read before the matches,
//! so a change that the batch has not seen in the pending rows is one that it leaves pending, whatever version of
//! the match it read: the match is rated again later. The batch deletes exactly the pending rows that it read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use postgres::{Client, GenericClient};
use time::OffsetDateTime;

use super::params::Parameters;
use super::rating::{PlayerState, Ratings};
use super::replay::{Position, Replay, Visit};
use super::store::{self, Cursor, Pending, Unplaced, Window};
use crate::error::{Context, Error, Result};

/// Pending rows without a position that one batch takes. They cost one row each, so a batch stays short.
const UNPLACED_PER_BATCH: i64 = 10_000;
/// Pending rows that one batch takes beyond one for each match.
const PENDING_EXTRA: i64 = 1_000;

/// While somebody keeps changing matches, a run would never end: after so many passes the rest is left to the next run.
const REPEATED_PASSES_MAX: u32 = 3;

/// What every batch of a run shares.
pub struct Plan<'a> {
    /// The parameters in force.
    pub parameters: &'a Parameters,
    /// The checkpoint's key.
    pub checkpoint_key: &'a str,
    /// The run's clock.
    pub now: OffsetDateTime,
    /// Write nothing.
    pub dry_run: bool,
}

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ratable matches read.
    pub matches_read: u64,
    /// Matches rated that had no rating.
    pub matches_rated: u64,
    /// Matches of which the stored rating changed.
    pub matches_rerated: u64,
    /// Matches rated again with the stored result.
    pub matches_confirmed: u64,
    /// Matches that lost their rating.
    pub matches_cleared: u64,
    /// Unplayed matches that got new pre-match ratings.
    pub unplayed_written: u64,
    /// Player states written or deleted.
    pub states_written: u64,
    /// Pending rows of matches that are not rated.
    pub unplaced: u64,
    /// Finished matches that cannot be rated, by reason, with their ids.
    pub unratable: BTreeMap<String, Vec<i32>>,
    /// Matches of levels that are not in the table.
    pub unknown_levels: BTreeMap<String, u64>,
    /// Structured scores that could not be read.
    pub unreadable_scores: u64,
}

/// A replay that goes on from batch to batch, as long as nothing earlier becomes pending.
#[derive(Debug)]
struct Chain {
    replay: Replay,
    /// The stored states of the players that the replay knows.
    stored: HashMap<i32, PlayerState>,
    /// Players whose stored state may have to change, but ends behind the frontier. When the run ends here, the next one
    /// rates everything from the frontier on again, and so finds them.
    owed: BTreeSet<i32>,
    /// The next position to visit.
    frontier: Position,
    /// The pending row that the chain left at its frontier for the case that the run ends here. It says nothing new to
    /// the chain itself. Known by its id: an interrupted run may have left one at the same position.
    mark: Option<i64>,
    /// No match lies before the position where the chain began: whoever is not known is new.
    from_beginning: bool,
}

impl Chain {
    /// Nothing from the frontier on can differ.
    fn has_ended(&self) -> bool {
        self.frontier == Position::END || !self.replay.is_unsettled()
    }
}

/// The run's place between batches.
///
/// A pass goes from the earliest pending position forward until nothing after it can differ. What becomes pending
/// behind its frontier meanwhile stays noted and is the next pass's work.
#[derive(Debug, Default)]
pub struct Place {
    /// The replay of the pass under way; gone after a failed batch.
    chain: Option<Chain>,
    /// The next position of the pass under way.
    frontier: Option<Position>,
    /// Where the last pass ended.
    passed: Option<Position>,
    /// Passes that began before the end of the one before.
    repeated_passes: u32,
    /// Something is still pending, and left to the next run.
    pub left_pending: bool,
    /// Where a dry run begins although nothing is noted in the database.
    pub dry_start: Option<Position>,
    /// A dry run has looked at the pending rows without a position.
    dry_unplaced_done: bool,
    /// The checkpoint's cursor.
    pub cursor: Cursor,
}

/// A part of the history: what lies from one position to another, both included.
struct Part {
    window: Window,
    pending: Vec<Pending>,
    last: Position,
}

/// What one batch is about to do.
struct Work {
    /// Where the window begins; None: only rows without a position are pending.
    first: Option<Position>,
    unplaced: Vec<Unplaced>,
}

/// Runs one batch of at most `limit` matches. None: nothing is pending.
///
/// # Errors
/// The server's; a retryable one leaves the database as it was. The chain is gone then, and the next batch starts
/// from what is noted in the database.
pub fn run(client: &mut Client, plan: &Plan<'_>, place: &mut Place, limit: i64) -> Result<Option<Counts>> {
    let mut transaction =
        client.build_transaction().read_only(plan.dry_run).start().context(|| "starting a batch")?;
    let mut chain = place.chain.take();
    let Some(work) = find_work(&mut transaction, plan, place)? else { return Ok(None) };
    let mut counts = Counts::default();
    count_unratable(&mut counts, &work.unplaced);

    let mut cursor = place.cursor;
    if let Some(first) = work.first {
        let mut current = match chain {
            Some(chain) => chain,
            None => begin_chain(&mut transaction, plan, first, place.dry_start == Some(first))?,
        };
        let part = read_part(&mut transaction, plan, first, limit)?;
        learn_players(&mut transaction, plan, &mut current, first, &part)?;
        let changed = visit(&mut current, &part, &mut counts)?;
        current.frontier = part.last.next();
        if let Some(rated) = part.window.matches.last().map(|last| last.position()) {
            cursor.position = cursor.position.max(Some(rated));
        }
        write_part(&mut transaction, plan, &mut current, &changed, &part, first, &mut counts)?;
        chain = Some(current);
    }
    let ended = chain.as_ref().is_none_or(Chain::has_ended);
    counts.unplaced = work.unplaced.len() as u64;
    if !plan.dry_run {
        if !work.unplaced.is_empty() {
            counts.matches_cleared = store::clear_unplaced(&mut transaction, &work.unplaced)?;
        }
        if ended {
            counts.unplayed_written = store::write_unplayed(&mut transaction, plan.parameters)?;
        }
        store::write_checkpoint(&mut transaction, plan.checkpoint_key, cursor, plan.parameters, plan.now)?;
        transaction.commit().context(|| "committing a batch")?;
    }
    remember(place, chain, cursor, ended);
    Ok(Some(counts))
}

fn remember(place: &mut Place, chain: Option<Chain>, cursor: Cursor, ended: bool) {
    place.cursor = cursor;
    place.dry_start = None;
    place.dry_unplaced_done = true;
    let frontier = chain.as_ref().map(|chain| chain.frontier);
    place.frontier = frontier.filter(|_| !ended);
    place.passed = frontier.or(place.passed);
    place.chain = chain.filter(|_| !ended);
}

/// Decides where the batch begins.
fn find_work(
    transaction: &mut impl GenericClient,
    plan: &Plan<'_>,
    place: &mut Place,
) -> Result<Option<Work>> {
    let from = place.passed.filter(|_| plan.dry_run).unwrap_or(Position::START);
    let (noted, any_unplaced) = store::earliest_pending(transaction, from)?;
    let mut first = place.dry_start.or(place.frontier).or(noted).filter(|first| *first != Position::END);
    let repeats =
        place.frontier.is_none() && first.zip(place.passed).is_some_and(|(first, passed)| first < passed);
    if repeats && !plan.dry_run {
        place.repeated_passes += 1;
        if place.repeated_passes > REPEATED_PASSES_MAX {
            place.left_pending = true;
            first = None;
        }
    }
    let unplaced = if any_unplaced && !place.left_pending && !(plan.dry_run && place.dry_unplaced_done) {
        store::read_unplaced(transaction, UNPLACED_PER_BATCH)?
    } else {
        Vec::new()
    };
    Ok((first.is_some() || !unplaced.is_empty()).then_some(Work { first, unplaced }))
}

/// Reads at most `limit` matches from `first` on, and what is pending among them.
fn read_part(
    transaction: &mut impl GenericClient,
    plan: &Plan<'_>,
    first: Position,
    limit: i64,
) -> Result<Part> {
    let pending_limit = limit + PENDING_EXTRA;
    let mut pending = store::read_pending(transaction, first, pending_limit)?;
    let mut window = store::read_window(transaction, first, limit, &plan.parameters.version)?;
    let mut last = Position::END;
    if window.matches.len() as i64 == limit {
        last = window.matches.last().map_or(last, |last| last.position());
        // Better ends between two temporal orders: a player's stored state tells in which order it ends, not at which match.
        if let Some(ends) =
            window.matches.iter().rposition(|one| one.input.temporal_order < last.temporal_order)
        {
            window.matches.truncate(ends + 1);
            last = Position { temporal_order: last.temporal_order - 1, match_id: i32::MAX };
        }
    }
    if let (Some(bound), true) = (pending.last(), pending.len() as i64 == pending_limit) {
        // There may be more at the position of the last row, so that one waits for the next batch, unless it is the only one.
        let earlier = pending.iter().rev().find(|one| one.position < bound.position);
        last = last.min(earlier.unwrap_or(bound).position);
        window.matches.retain(|one| one.position() <= last);
    }
    pending.retain(|one| one.position <= last);
    Ok(Part { window, pending, last })
}

fn begin_chain(
    transaction: &mut impl GenericClient,
    plan: &Plan<'_>,
    first: Position,
    everything: bool,
) -> Result<Chain> {
    let from_beginning = !store::any_match_before(transaction, first)?;
    let mut replay = Replay::new(plan.parameters.clone());
    if everything {
        replay.suspect_everything();
    }
    log::debug!("replaying from {} / {}", first.temporal_order, first.match_id);
    Ok(Chain {
        replay,
        stored: HashMap::new(),
        owed: BTreeSet::new(),
        frontier: first,
        mark: None,
        from_beginning,
    })
}

/// Tells the replay the states of all players of the window whom it does not know.
fn learn_players(
    transaction: &mut impl GenericClient,
    plan: &Plan<'_>,
    chain: &mut Chain,
    first: Position,
    part: &Part,
) -> Result<()> {
    let of_matches = part.window.matches.iter().flat_map(|one| [one.player_a_id, one.player_b_id]);
    let of_pending = part.pending.iter().filter_map(|one| one.players).flat_map(|(a, b)| [a, b]);
    let unknown: HashSet<i32> = of_matches.chain(of_pending).filter(|id| !chain.replay.knows(*id)).collect();
    let mut unknown: Vec<i32> = unknown.into_iter().collect();
    unknown.sort_unstable();
    if unknown.is_empty() {
        return Ok(());
    }
    let stored = store::read_states(transaction, &unknown)?;
    // A state that ends before the window is the state at its beginning. Ties of the order cannot be told apart by it.
    let is_exact =
        |id: &i32| stored.get(id).is_some_and(|state| state.last_temporal_order < first.temporal_order);
    let derived = if chain.from_beginning {
        HashMap::new()
    } else {
        let inexact: Vec<i32> = unknown.iter().copied().filter(|id| !is_exact(id)).collect();
        store::derive_states(transaction, plan.parameters, &inexact, first)?
    };
    for id in unknown {
        let exact = stored.get(&id).filter(|_| !chain.from_beginning && is_exact(&id));
        chain.replay.learn(id, exact.or_else(|| derived.get(&id)).copied());
    }
    chain.stored.extend(stored);
    Ok(())
}

/// Visits the window's matches and what is pending between them, in order.
fn visit(chain: &mut Chain, part: &Part, counts: &mut Counts) -> Result<Vec<(i32, Ratings)>> {
    let mut changed = Vec::new();
    let window = &part.window;
    let mut pending = part.pending.iter().peekable();
    for stored_match in &window.matches {
        let position = stored_match.position();
        let mut is_pending = false;
        while let Some(change) = pending.next_if(|change| change.position <= position) {
            is_pending |= change.position == position && change.players.is_some();
            apply(chain, change);
        }
        let visit = chain.replay.visit(stored_match, is_pending).map_err(|overflow| {
            Error::failed(format!(
                "match {}: the rating leaves the range of its column (below 1,000,000); check the parameters in \
                 elo_parameter_sets",
                overflow.match_id
            ))
        })?;
        match visit {
            Visit::Trusted => {}
            Visit::Confirmed => counts.matches_confirmed += 1,
            Visit::Changed(ratings) => {
                match stored_match.stored {
                    None => counts.matches_rated += 1,
                    Some(_) => counts.matches_rerated += 1,
                }
                changed.push((stored_match.id, ratings));
            }
        }
    }
    pending.for_each(|change| apply(chain, change));
    counts.matches_read = window.matches.len() as u64;
    counts.unreadable_scores = window.unreadable_scores;
    counts.unknown_levels =
        window.unknown_levels.iter().map(|(level, count)| (level.clone(), *count)).collect();
    Ok(changed)
}

fn apply(chain: &mut Chain, change: &Pending) {
    match change.players {
        Some((a, b)) => {
            chain.replay.suspect(a);
            chain.replay.suspect(b);
        }
        None if chain.mark == Some(change.id) => {}
        None => chain.replay.suspect_everything(),
    }
}

/// Writes the part's ratings and the states of its players, and moves the mark of what is pending.
fn write_part(
    transaction: &mut impl GenericClient,
    plan: &Plan<'_>,
    chain: &mut Chain,
    changed: &[(i32, Ratings)],
    part: &Part,
    first: Position,
    counts: &mut Counts,
) -> Result<()> {
    if !changed.is_empty() && !plan.dry_run {
        store::write_ratings(transaction, changed, &plan.parameters.version, plan.now)?;
    }
    let states = states_to_write(transaction, plan, chain, part.last)?;
    if plan.dry_run {
        counts.states_written = states.len() as u64;
        return Ok(());
    }
    if !states.is_empty() {
        counts.states_written = store::write_states(transaction, &states, plan.now)?;
    }
    if chain.from_beginning
        && chain.replay.suspects_everything()
        && first.temporal_order == Position::START.temporal_order
    {
        counts.states_written += store::delete_matchless_states(transaction)?;
    }
    let read: Vec<i64> = part.pending.iter().map(|pending| pending.id).collect();
    store::delete_pending(transaction, &read)?;
    chain.mark = if chain.has_ended() {
        None
    } else {
        Some(store::append_pending(transaction, chain.frontier, "resume")?)
    };
    for (id, state) in states {
        match state {
            Some(state) => chain.stored.insert(id, state),
            None => chain.stored.remove(&id),
        };
    }
    Ok(())
}

/// The states of the window's players that differ from what is stored.
///
/// A stored state that ends behind the frontier belongs to matches that the replay has not reached. It stays until
/// the replay reaches its end, so that the site never shows a rating of long ago, and is written once; or until the
/// replay ends because everybody is trusted again, which settles the rating, but not the number of matches and the
/// peak: these come from the matches.
fn states_to_write(
    transaction: &mut impl GenericClient,
    plan: &Plan<'_>,
    chain: &mut Chain,
    last: Position,
) -> Result<Vec<(i32, Option<PlayerState>)>> {
    let mut due = std::mem::take(&mut chain.owed);
    due.extend(chain.replay.take_touched());
    if chain.frontier == Position::END {
        due.extend(chain.replay.suspects());
    }
    let mut states = Vec::new();
    let mut settled = Vec::new();
    for id in due {
        let behind = chain.stored.get(&id).map(|stored| stored.last_temporal_order.cmp(&last.temporal_order));
        let reached = chain.frontier == Position::END || behind.is_none_or(std::cmp::Ordering::is_lt);
        // Which of the matches of one order the stored state ends with is not known, so nothing may come after the frontier.
        let may_be_reached = behind.is_some_and(std::cmp::Ordering::is_eq);
        if reached || (chain.replay.is_suspect(id) && may_be_reached) {
            states.push((id, chain.replay.state(id)));
        } else if chain.has_ended() || may_be_reached {
            settled.push(id);
        } else {
            chain.owed.insert(id);
        }
    }
    if !settled.is_empty() && !plan.dry_run {
        let derived = store::derive_states(transaction, plan.parameters, &settled, Position::END)?;
        states.extend(settled.into_iter().map(|id| (id, derived.get(&id).copied())));
    }
    states.retain(|(id, state)| chain.stored.get(id) != state.as_ref());
    Ok(states)
}

fn count_unratable(counts: &mut Counts, unplaced: &[Unplaced]) {
    let mut seen = HashSet::new();
    for pending in unplaced {
        if let Some(reason) = &pending.reason
            && seen.insert(pending.match_id)
        {
            counts.unratable.entry(reason.clone()).or_default().push(pending.match_id);
        }
    }
}
