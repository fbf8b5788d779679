//! Retention: removes what runs left behind once it is old enough. Run folders, rows of runs and stages, our entries in
//! update_log, and tasks of files that are done. Results, ratings, decisions and what is known of feed files are not touched.

use std::collections::HashSet;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use postgres::Client;
use serde::Serialize;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::artifacts::Root;
use super::run_id;
use super::status_log::timestamp;
use crate::db::utc;
use crate::error::{Context, Error, Result};

/// A hundred years: beyond, the calendar ends.
pub const KEEP_DAYS_MAX: u32 = 36_500;

/// What was removed, or would be.
#[derive(Debug, Serialize)]
pub struct Pruned {
    schema_version: u32,
    /// What ended before is old.
    pub older_than: String,
    /// Whether nothing was removed, only counted.
    pub dry_run: bool,
    /// The run folders.
    pub folders: Vec<PathBuf>,
    /// Rows of pipeline_runs.
    pub runs: u64,
    /// Rows of pipeline_stage_runs.
    pub stage_runs: u64,
    /// Rows of update_log.
    pub log_entries: u64,
    /// Rows of scrape_queue.
    pub tasks: u64,
    /// What could not be removed, and why.
    pub failures: Vec<String>,
}

impl Pruned {
    /// Whether there was nothing to remove.
    pub fn is_nothing(&self) -> bool {
        self.folders.is_empty()
            && self.failures.is_empty()
            && self.runs + self.stage_runs + self.log_entries + self.tasks == 0
    }
}

/// Removes what was over `keep_days` days before `now`, or with `dry_run` only tells what that would be. The folder of a run that
/// is on, or whose row stays, stays.
///
/// # Errors
/// Usage: `keep_days` is 0 or greater than [`KEEP_DAYS_MAX`]. The server's. A folder that cannot be removed is in `failures`.
pub fn run(
    client: &mut Client,
    artifacts: &Root,
    keep_days: u32,
    now: OffsetDateTime,
    dry_run: bool,
) -> Result<Pruned> {
    let limit = Some(keep_days).filter(|days| (1..=KEEP_DAYS_MAX).contains(days));
    let Some(limit) = limit.and_then(|days| now.checked_sub(Duration::days(i64::from(days)))) else {
        return Err(Error::usage(format!("runs can be kept for 1 to {KEEP_DAYS_MAX} days, not {keep_days}")));
    };
    let mut pruned = Pruned {
        schema_version: 1,
        older_than: timestamp(limit),
        dry_run,
        folders: Vec::new(),
        runs: 0,
        stage_runs: 0,
        log_entries: 0,
        tasks: 0,
        failures: Vec::new(),
    };
    let kept = prune_rows(client, utc(limit), &mut pruned).context(|| "removing old rows")?;
    prune_folders(artifacts, limit, &kept, &mut pruned);
    Ok(pruned)
}

/// Removes the rows, in one transaction. Returns the ids of the runs that stay.
fn prune_rows(client: &mut Client, limit: PrimitiveDateTime, pruned: &mut Pruned) -> Result<HashSet<String>> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute(include_str!("../../sql/pipeline/prune_configure.sql"))?;
    let row = transaction.query_one(include_str!("../../sql/pipeline/prune_runs.sql"), &[&limit])?;
    pruned.runs = row.get::<_, i64>("runs").unsigned_abs();
    pruned.stage_runs = row.get::<_, i64>("stages").unsigned_abs();
    pruned.log_entries = transaction.execute(include_str!("../../sql/pipeline/prune_log.sql"), &[&limit])?;
    pruned.tasks = transaction.execute(include_str!("../../sql/pipeline/prune_tasks.sql"), &[&limit])?;
    let kept = transaction.query(include_str!("../../sql/pipeline/prune_runs_kept.sql"), &[&limit])?;
    if pruned.dry_run {
        transaction.rollback()?;
    } else {
        transaction.commit()?;
    }
    Ok(kept.iter().map(|row| row.get(0)).collect())
}

/// Removes the folders of runs that began before `limit`, but those of the runs `kept`.
fn prune_folders(artifacts: &Root, limit: OffsetDateTime, kept: &HashSet<String>, pruned: &mut Pruned) {
    for folder in run_folders(artifacts.path(), &mut pruned.failures) {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if kept.contains(name) || run_id::began(name).is_none_or(|began| began >= limit) {
            continue;
        }
        match if pruned.dry_run { Ok(()) } else { std::fs::remove_dir_all(&folder) } {
            Ok(()) => {
                if !pruned.dry_run {
                    remove_empty_parents(&folder, artifacts.path());
                }
                pruned.folders.push(folder);
            }
            // Another run prunes, too.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => pruned.failures.push(format!("{}: {error}", folder.display())),
        }
    }
}

/// The run folders below `root`, side by side or in folders YYYY/MM/DD. A root that changed from one to the other has both. Links
/// are not followed, and what is not named like a run is somebody else's.
fn run_folders(root: &Path, failures: &mut Vec<String>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut unread = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = unread.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                failures.push(format!("{}: {error}", folder.display()));
                continue;
            }
        };
        for entry in entries.flatten().filter(is_folder) {
            let name = entry.file_name();
            let name = name.to_str().unwrap_or_default();
            if run_id::began(name).is_some() && (depth == 0 || depth == DATE_WIDTHS.len()) {
                found.push(entry.path());
            } else if DATE_WIDTHS.get(depth).is_some_and(|width| is_number(name, *width)) {
                unread.push((entry.path(), depth + 1));
            }
        }
    }
    found.sort();
    found
}

/// The digits of YYYY, MM and DD.
const DATE_WIDTHS: [usize; 3] = [4, 2, 2];

fn is_number(name: &str, width: usize) -> bool {
    name.len() == width && name.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_dir())
}

/// Removes the folders of the day, the month and the year once nothing is left in them.
fn remove_empty_parents(folder: &Path, root: &Path) {
    let parents = folder.ancestors().skip(1).take_while(|parent| *parent != root);
    for parent in parents.take(DATE_WIDTHS.len()) {
        // The system refuses to remove one that is not empty.
        if std::fs::remove_dir(parent).is_err() {
            return;
        }
    }
}
