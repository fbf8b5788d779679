//! Rating ahead of writing: one thread reads and rates the rest of a pass in a session of its own, while the session
//! that holds the stage's lock, the only writer, writes batch after batch.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use super::batch::{Batch, Plan};
use super::pass::Pass;
use super::store::{self, Reader};
use crate::error::{Error, Result};

/// Batches that may wait to be written. Enough that neither side waits for the other's hiccups; each is some hundred
/// kilobytes at the default size.
const BATCHES_AHEAD: usize = 4;

/// Rates the rest of `pass`, at most `budget` matches more, and gives every batch to `write` in order. Returns the pass at its
/// end and what is left of the budget.
///
/// # Errors
/// The first one, of reading or of writing.
pub fn run<'a>(
    plan: &'a Plan<'a>,
    pass: Pass<'a>,
    budget: u64,
    mut write: impl FnMut(Batch) -> Result<()>,
) -> Result<(Pass<'a>, u64)> {
    let (sender, receiver) = sync_channel(BATCHES_AHEAD);
    thread::scope(|scope| {
        let rating = scope.spawn(move || rate(plan, pass, budget, &sender));
        // When this ends early, the other side finds nobody to send to, and ends too.
        let written = receiver.into_iter().try_for_each(&mut write);
        let rated = rating.join().unwrap_or_else(|_| Err(Error::failed("the rating thread panicked")));
        written.and(rated)
    })
}

fn rate<'a>(
    plan: &'a Plan<'a>,
    mut pass: Pass<'a>,
    mut budget: u64,
    batches: &SyncSender<Batch>,
) -> Result<(Pass<'a>, u64)> {
    let mut client = store::connect(plan.database_url)?;
    let mut reader = Reader::new(&mut client)?;
    while !pass.has_ended() && budget > 0 {
        let batch = pass.next(&mut reader, &mut budget)?;
        if batches.send(batch).is_err() {
            break;
        }
    }
    Ok((pass, budget))
}
