//! Writing batches: one statement, one round trip, one transaction each; a pass's last batch takes a few more.

use postgres::{Client, GenericClient, Statement, Transaction};

use super::checkpoint::checkpoint_value;
use super::matches::write_unplayed;
use super::states::{STATES_DERIVE, delete_matchless_states, derive_states};
use super::values::{Cents, Day};
use crate::db::utc;
use crate::elo::batch::{Batch, Plan, Rated};
use crate::elo::rating::PlayerState;
use crate::elo::replay::Position;
use crate::error::{Context, Result};

/// Begins a transaction that is on the disk when it is committed, and with it everything before it.
///
/// # Errors
/// The server's.
pub fn begin_durable(client: &mut Client) -> Result<Transaction<'_>> {
    let mut transaction = client.transaction().context(|| "starting a batch")?;
    transaction.batch_execute(include_str!("../../../sql/elo/batch_configure.sql"))?;
    Ok(transaction)
}

/// The session that writes.
pub struct Writer {
    statement: Statement,
    /// The pending row that marks the place of the pass under way.
    mark: Option<i64>,
}

impl Writer {
    /// Prepares the statement in the session of `client`.
    ///
    /// # Errors
    /// The server's.
    pub fn new(client: &mut Client) -> Result<Self> {
        let statement = client.prepare(include_str!("../../../sql/elo/batch_write.sql"))?;
        Ok(Self { statement, mark: None })
    }

    /// The pending row that marks the place of the pass under way.
    pub fn mark(&self) -> Option<i64> {
        self.mark
    }

    /// Writes `batch`, and counts in it what that changed.
    ///
    /// # Errors
    /// The server's; then nothing was written, and after a retryable one the same batch can be written again: what
    /// others changed meanwhile is pending.
    pub fn write(&mut self, client: &mut Client, plan: &Plan<'_>, batch: &mut Batch) -> Result<()> {
        let is_all = batch.goes_on.is_some() && batch.states_to_derive.is_empty() && !batch.sweeps_states;
        let mark = if is_all {
            let (states_written, made) = self.execute(client, plan, batch, self.mark)?;
            batch.counts.states_written = states_written;
            made.or(self.mark)
        } else {
            self.write_in_steps(client, plan, batch)?
        };
        self.mark = mark.filter(|_| batch.goes_on.is_some());
        Ok(())
    }

    /// Writes a batch after which more has to be brought up to date.
    fn write_in_steps(&self, client: &mut Client, plan: &Plan<'_>, batch: &mut Batch) -> Result<Option<i64>> {
        let mut transaction = begin_durable(client)?;
        let (mut states_written, made) = self.execute(&mut transaction, plan, batch, self.mark)?;
        let mark = made.or(self.mark);
        if !batch.states_to_derive.is_empty() {
            // From the ratings as they are now.
            let derived = Self::derive(&mut transaction, plan, batch)?;
            states_written += self.execute(&mut transaction, plan, &derived, mark)?.0;
        }
        if batch.sweeps_states {
            states_written += delete_matchless_states(&mut transaction)?;
        }
        if batch.goes_on.is_none() {
            batch.counts.unplayed_written = write_unplayed(&mut transaction, plan.parameters)?;
        }
        transaction.commit().context(|| "committing a batch")?;
        batch.counts.states_written = states_written;
        Ok(mark)
    }

    /// A batch of nothing but the states that are told by the matches.
    fn derive(client: &mut impl GenericClient, plan: &Plan<'_>, batch: &Batch) -> Result<Batch> {
        let players: Vec<i32> = batch.states_to_derive.iter().map(|(id, _)| *id).collect();
        let derived = derive_states(client, STATES_DERIVE, plan.parameters, &players, Position::END)?;
        let mut states = Batch { cursor: batch.cursor, goes_on: batch.goes_on, ..Batch::default() };
        for (id, stored) in &batch.states_to_derive {
            match derived.get(id) {
                Some(state) if stored.as_ref() != Some(state) => states.states.push((*id, *state)),
                None if stored.is_some() => states.states_gone.push(*id),
                _ => {}
            }
        }
        Ok(states)
    }

    /// Writes what the batch holds. `mark`: the pending row that marks the pass's place. Returns how many states changed, and the pending row that was made as the pass's mark.
    fn execute(
        &self,
        client: &mut impl GenericClient,
        plan: &Plan<'_>,
        batch: &Batch,
        mark: Option<i64>,
    ) -> Result<(u64, Option<i64>)> {
        fn rated<T>(batch: &Batch, value: impl Fn(&Rated) -> T) -> Vec<T> {
            batch.rated.iter().map(value).collect()
        }
        fn state<T>(batch: &Batch, value: impl Fn(&PlayerState) -> T) -> Vec<T> {
            batch.states.iter().map(|(_, state)| value(state)).collect()
        }
        let players: Vec<i32> = batch.states.iter().map(|(id, _)| *id).collect();
        let runs = runs(&batch.pending_done);
        let row = client
            .query_one(
                &self.statement,
                &[
                    &rated(batch, |one| one.match_id),
                    &rated(batch, |one| Cents(one.ratings.pre_a)),
                    &rated(batch, |one| Cents(one.ratings.pre_b)),
                    &rated(batch, |one| Cents(one.ratings.post_a)),
                    &rated(batch, |one| Cents(one.ratings.post_b)),
                    &rated(batch, |one| one.marked),
                    &plan.parameters.version,
                    &utc(plan.now),
                    &players,
                    &state(batch, |state| Cents(state.rating)),
                    &state(batch, |state| state.match_count),
                    &state(batch, |state| Day(state.last_match_day)),
                    &state(batch, |state| state.last_temporal_order),
                    &state(batch, |state| Cents(state.career_peak)),
                    &batch.states_gone,
                    &runs.iter().map(|(first, _)| *first).collect::<Vec<i64>>(),
                    &batch.goes_on.map(|position| position.temporal_order),
                    &batch.goes_on.map(|position| position.match_id),
                    &mark,
                    &plan.checkpoint_key,
                    &checkpoint_value(batch.cursor, plan.parameters, plan.now),
                    &runs.iter().map(|(_, last)| *last).collect::<Vec<i64>>(),
                ],
            )
            .context(|| "writing a batch")?;
        Ok((row.get::<_, i64>("states_written").unsigned_abs(), row.get("mark")))
    }
}

/// The ids as runs without a gap, first and last of each: a file's results were noted one after the other, and a run is found
/// in the index at once.
fn runs(ids: &[i64]) -> Vec<(i64, i64)> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, last)) if id - *last <= 1 => *last = id,
            _ => runs.push((id, id)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn runs_hold_the_ids_and_no_others() {
        assert_eq!(runs(&[]), []);
        assert_eq!(runs(&[7]), [(7, 7)]);
        assert_eq!(runs(&[5, 3, 4, 9, 11, 10, 4, 1]), [(1, 1), (3, 5), (9, 11)]);
    }
}
