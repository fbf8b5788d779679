//! The stage `elo_incremental`: rates what is pending, batch by batch, until nothing is.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use postgres::Client;
use serde_json::json;
use time::OffsetDateTime;

use super::batch::{self, Counts, Plan};
use super::params::Parameters;
use super::replay::Position;
use super::store;
use crate::error::{Context, Result};
use crate::pipeline::lock;
use crate::pipeline::metrics::{Metrics, StageFiles, StageReport, Status};
use crate::pipeline::status_log::StatusLog;
use crate::report::progress::Progress;
use crate::{db, migrations};

/// The stage's name in the pipeline.
pub const STAGE: &str = "elo_incremental";
/// The session that writes holds this lock.
const LOCK_NAME: &str = "teelo_stage_elo_incremental";
/// A batch that loses against other writers is tried so many times; each loss means that somebody changed one of its
/// matches within the last milliseconds, so more in a row mean that something else is wrong.
const ATTEMPTS_MAX: u32 = 10;
/// The pause before another attempt, times the number of attempts so far.
const RETRY_PAUSE: Duration = Duration::from_millis(50);
/// Ids in one log line about matches that cannot be rated.
const IDS_PER_LINE: usize = 100;

/// What the user may choose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Matches in a transaction.
    pub batch_size: u32,
    /// Stop after so many matches; 0: all.
    pub max_matches: u64,
    /// Start from what is noted as pending; false: look through `matches` for what lacks its ratings.
    pub resume: bool,
    /// Rate every match again.
    pub rebuild: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// The checkpoint's key in `pipeline_checkpoints`.
    pub checkpoint_key: String,
    /// How long to wait for the stage's lock.
    pub lock_timeout: Duration,
}

/// Runs the stage to its end.
///
/// # Errors
/// LockHeld, Unreachable, a wrong parameter set, or the server's. What was committed before stays.
pub fn run(
    database_url: &str,
    settings: &Settings,
    files: &StageFiles,
    now: OffsetDateTime,
) -> Result<StageReport> {
    let started = Instant::now();
    let mut status_log = StatusLog::open(files.status_jsonl.as_deref(), STAGE)?;
    let mut client = db::connect(database_url, "elo")?;
    migrations::require_current(&mut client)?;
    client.batch_execute(include_str!("../../sql/elo/session_configure.sql"))?;
    if !settings.dry_run {
        lock::acquire(&mut client, lock::key_of_name(LOCK_NAME), "the ELO stage", settings.lock_timeout)?;
    }
    status_log.event("start", json!({"dry_run": settings.dry_run, "batch_size": settings.batch_size}));

    let mut totals = Totals::default();
    let result = rate_pending(&mut client, settings, now, &mut totals, &mut status_log);
    let metrics = totals.metrics(started.elapsed(), settings.dry_run);
    let report = match &result {
        Ok(()) => report(metrics),
        Err(error) => StageReport { status: Status::Failed, metrics, error_text: Some(error.to_string()) },
    };
    status_log.event("end", json!({"status": report.status.as_str(), "metrics": report.metrics.to_json()}));
    write_metrics(files.metrics_json.as_deref(), &report)?;
    result.map(|()| report)
}

fn report(metrics: Metrics) -> StageReport {
    if metrics.records_failed == 0 {
        return StageReport { status: Status::Success, metrics, error_text: None };
    }
    let text = format!(
        "{} finished matches are wrong and were not rated; the log lists them",
        metrics.records_failed
    );
    StageReport { status: Status::Partial, metrics, error_text: Some(text) }
}

fn write_metrics(path: Option<&Path>, report: &StageReport) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    let mut metrics = report.metrics.clone();
    metrics.set("status", report.status.as_str());
    if let Some(text) = &report.error_text {
        metrics.set("error", text.as_str());
    }
    metrics.write(path)
}

fn rate_pending(
    client: &mut Client,
    settings: &Settings,
    now: OffsetDateTime,
    totals: &mut Totals,
    status_log: &mut StatusLog,
) -> Result<()> {
    let parameters = store::read_parameters(client)?;
    totals.version.clone_from(&parameters.version);
    let mut place = begin(client, settings, &parameters, now)?;
    let plan = Plan {
        parameters: &parameters,
        checkpoint_key: &settings.checkpoint_key,
        now,
        dry_run: settings.dry_run,
    };
    let mut progress = Progress::new("elo", "matches", None);
    if progress.is_shown() {
        progress.set_total(store::count_pending(client)?);
    }
    loop {
        let left = match settings.max_matches {
            0 => u64::MAX,
            max => max.saturating_sub(totals.counts.matches_read),
        };
        let limit = left.min(u64::from(settings.batch_size));
        if limit == 0 {
            totals.left_pending = true;
            return Ok(());
        }
        let Some(counts) = run_batch(client, &plan, &mut place, limit as i64, totals)? else {
            totals.left_pending = place.left_pending;
            return Ok(());
        };
        list_unratable(&counts.unratable);
        progress.advance(counts.matches_read);
        status_log.event(
            "batch",
            json!({
                "matches_read": counts.matches_read,
                "matches_rated": counts.matches_rated,
                "matches_rerated": counts.matches_rerated,
                "last_temporal_order": place.cursor.position.map(|position| position.temporal_order),
                "last_match_id": place.cursor.position.map(|position| position.match_id),
            }),
        );
        totals.add(counts);
    }
}

/// Runs one batch, again when other writers came in between.
fn run_batch(
    client: &mut Client,
    plan: &Plan<'_>,
    place: &mut batch::Place,
    limit: i64,
    totals: &mut Totals,
) -> Result<Option<Counts>> {
    let mut attempt = 1;
    loop {
        match batch::run(client, plan, place, limit) {
            Err(error) if error.is_retryable() && attempt < ATTEMPTS_MAX => {
                log::debug!("batch lost against another writer, attempt {attempt}: {error}");
                totals.retries += 1;
                std::thread::sleep(RETRY_PAUSE * attempt);
                attempt += 1;
            }
            result => return result,
        }
    }
}

/// Notes what the settings and the parameters add to what is pending, and reads the checkpoint.
fn begin(
    client: &mut Client,
    settings: &Settings,
    parameters: &Parameters,
    now: OffsetDateTime,
) -> Result<batch::Place> {
    let mut transaction = client.build_transaction().read_only(settings.dry_run).start()?;
    let (cursor, made_with) = store::read_checkpoint(&mut transaction, &settings.checkpoint_key)?;
    let outdated = match made_with {
        Some(fingerprint) => fingerprint != parameters.fingerprint(),
        // An adopted database: the newest rating tells the version that all were made with.
        None => store::latest_version(&mut transaction)?
            .is_some_and(|version| version.as_deref() != Some(parameters.version.as_str())),
    };
    let start = if settings.rebuild {
        log::info!("rating every match again, as asked");
        Some((Position::START, "rebuild"))
    } else if outdated {
        log::info!("the parameters are now {:?}: rating every match again", parameters.version);
        Some((Position::START, "parameters"))
    } else if settings.resume {
        None
    } else {
        store::derive_pending(&mut transaction, settings.dry_run)?.map(|position| (position, "no_resume"))
    };
    if !settings.dry_run {
        if let Some((position, reason)) = start {
            store::append_pending(&mut transaction, position, reason)?;
        }
        if outdated || settings.rebuild {
            // With the mark in one transaction: the history is rated again once, however often the run is interrupted.
            store::write_checkpoint(&mut transaction, &settings.checkpoint_key, cursor, parameters, now)?;
        }
    }
    transaction.commit().context(|| "starting the ELO stage")?;
    let dry_start = start.map(|(position, _)| position).filter(|_| settings.dry_run);
    let mut place = batch::Place::default();
    place.cursor = cursor;
    place.dry_start = dry_start;
    Ok(place)
}

/// Finished matches that cannot be rated are listed, and stop nobody.
fn list_unratable(unratable: &BTreeMap<String, Vec<i32>>) {
    for (reason, ids) in unratable {
        for some in ids.chunks(IDS_PER_LINE) {
            let list: Vec<String> = some.iter().map(i32::to_string).collect();
            log::warn!("not rated, {}: match {}", reason.replace('_', " "), list.join(", "));
        }
    }
}

/// The sums over all batches.
#[derive(Debug, Default)]
struct Totals {
    counts: Counts,
    unratable: BTreeMap<String, u64>,
    batches: u64,
    retries: u64,
    left_pending: bool,
    version: String,
}

impl Totals {
    fn add(&mut self, batch: Counts) {
        self.batches += 1;
        let sum = &mut self.counts;
        sum.matches_read += batch.matches_read;
        sum.matches_rated += batch.matches_rated;
        sum.matches_rerated += batch.matches_rerated;
        sum.matches_confirmed += batch.matches_confirmed;
        sum.matches_cleared += batch.matches_cleared;
        sum.unplayed_written += batch.unplayed_written;
        sum.states_written += batch.states_written;
        sum.unplaced += batch.unplaced;
        sum.unreadable_scores += batch.unreadable_scores;
        for (level, count) in batch.unknown_levels {
            *sum.unknown_levels.entry(level).or_default() += count;
        }
        for (reason, ids) in batch.unratable {
            *self.unratable.entry(reason).or_default() += ids.len() as u64;
        }
    }

    fn metrics(&self, duration: Duration, dry_run: bool) -> Metrics {
        let counts = &self.counts;
        let unratable =
            |reasons: &[&str]| reasons.iter().filter_map(|reason| self.unratable.get(*reason)).sum();
        let mut metrics = Metrics {
            duration_s: duration.as_secs_f64(),
            records_scanned: counts.matches_read + counts.unplaced,
            records_processed: counts.matches_rated + counts.matches_rerated,
            records_skipped: unratable(&["no_winner", "no_order", "no_edition"]),
            records_failed: unratable(&["winner_did_not_play", "same_player"]),
            ..Metrics::default()
        };
        metrics.set("matches_rated", counts.matches_rated);
        metrics.set("matches_rerated", counts.matches_rerated);
        metrics.set("matches_confirmed", counts.matches_confirmed);
        metrics.set("matches_cleared", counts.matches_cleared);
        metrics.set("unplayed_written", counts.unplayed_written);
        metrics.set("states_written", counts.states_written);
        metrics.set("batches", self.batches);
        metrics.set("retries", self.retries);
        metrics.set("left_pending", self.left_pending);
        metrics.set("unratable", json!(self.unratable));
        metrics.set("unknown_levels", json!(counts.unknown_levels));
        metrics.set("unreadable_scores", counts.unreadable_scores);
        metrics.set("parameters_version", self.version.as_str());
        metrics.set("dry_run", dry_run);
        metrics
    }
}
