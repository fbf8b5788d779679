//! What follows a run of the pipeline, whatever came of it. None of it changes the outcome: what goes wrong is a warning.

use time::OffsetDateTime;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use crate::pipeline::metrics::write_text_atomically;
use crate::pipeline::prune;
use crate::pipeline::run::Options;
use crate::pipeline::summary::Summary;
use crate::report::{status, textfile};
use crate::{config, db, stop};

/// What is to follow.
#[derive(Debug)]
pub(super) struct AfterRun {
    /// Where the numbers for Prometheus go.
    textfile: Option<PathBuf>,
    /// How long runs are kept; None: for ever.
    keep_days: Option<u32>,
}

impl AfterRun {
    /// What the flag `textfile` and the environment ask for.
    ///
    /// # Errors
    /// Usage: a variable is malformed.
    pub(super) fn resolve(textfile: Option<PathBuf>) -> Result<Self> {
        let textfile = match textfile {
            Some(path) => Some(path),
            None => config::variable("TEELO_TEXTFILE")?.map(PathBuf::from),
        };
        Ok(Self { textfile, keep_days: super::prune::keep_days_variable()? })
    }

    /// Does it for the run that `summary` tells of.
    pub(super) fn perform(&self, options: &Options, summary: &Summary) {
        if let Some(path) = &self.textfile
            && let Err(error) = write_textfile(path, options, summary)
        {
            log::warn!("the numbers for Prometheus were not written (--textfile, TEELO_TEXTFILE): {error}");
        }
        // Who sent a signal does not wait for that.
        if let Some(keep_days) = self.keep_days.filter(|_| stop::reason().is_none()) {
            prune_old(options, keep_days);
        }
    }
}

/// Writes the run's numbers and how things stand after it. Without the database, only the run's.
fn write_textfile(path: &Path, options: &Options, summary: &Summary) -> Result<()> {
    let now = OffsetDateTime::now_utc();
    let standing = db::connect(&options.database_url, "run")
        .and_then(|mut client| status::load(&mut client, options.lock_key, None, now));
    if let (Err(error), None) = (&standing, stop::reason()) {
        log::warn!("the numbers for Prometheus lack what waits in the database: {error}");
    }
    write_text_atomically(path, &textfile::text(summary, standing.as_ref().ok()))?;
    // node_exporter is another user, whatever the umask is; the numbers are no secret.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))
        .context(|| format!("letting others read {}", path.display()))
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
