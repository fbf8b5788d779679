//! What follows a run of the pipeline, whatever came of it. None of it changes the outcome: what goes wrong is a warning.

use time::OffsetDateTime;

use crate::db;
use crate::error::Result;
use crate::pipeline::prune;
use crate::pipeline::run::Options;

/// What is to follow.
#[derive(Debug)]
pub(super) struct AfterRun {
    /// How long runs are kept; None: for ever.
    keep_days: Option<u32>,
}

impl AfterRun {
    /// What the flags and the environment ask for.
    ///
    /// # Errors
    /// Usage: a variable is malformed.
    pub(super) fn resolve() -> Result<Self> {
        Ok(Self { keep_days: super::prune::keep_days_variable()? })
    }

    /// Does it.
    pub(super) fn perform(&self, options: &Options) {
        if let Some(keep_days) = self.keep_days {
            prune_old(options, keep_days);
        }
    }
}

/// Removes what is older than so many days.
fn prune_old(options: &Options, keep_days: u32) {
    let pruned = db::connect(&options.database_url, "prune").and_then(|mut client| {
        prune::run(&mut client, &options.artifacts, keep_days, OffsetDateTime::now_utc(), false)
    });
    match pruned {
        Err(error) => log::warn!("old runs were not removed (TEELO_KEEP_DAYS): {error}"),
        Ok(pruned) => {
            for failure in &pruned.failures {
                log::warn!("an old run's folder was not removed (TEELO_KEEP_DAYS): {failure}");
            }
        }
    }
}
