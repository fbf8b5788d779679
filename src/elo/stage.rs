//! The stage `elo_incremental`: rates what is pending, batch by batch, until nothing is.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use postgres::Client;
use serde_json::json;
use time::OffsetDateTime;

use super::ahead;
use super::batch::{Batch, Counts, Plan};
use super::params::Parameters;
use super::pass::Pass;
use super::replay::Position;
use super::store::{self, Cursor, Reader, Unplaced, Writer};
use crate::error::{Context, Kind, Result};
use crate::migrations;
use crate::pipeline::lock;
use crate::pipeline::metrics::{Metrics, StageFiles, StageReport, Status};
use crate::pipeline::status_log::StatusLog;
use crate::report::progress::Progress;
use crate::stop;

/// The stage's name in the pipeline.
pub const STAGE: &str = "elo_incremental";
/// The session that writes holds this lock.
const LOCK_NAME: &str = "teelo_stage_elo_incremental";
/// A batch that loses against other writers is tried so many times; each loss means that somebody changed one of its
/// matches within the last milliseconds, so more in a row mean that something else is wrong.
const ATTEMPTS_MAX: u32 = 10;
/// The pause before another attempt, times the number of attempts so far.
const RETRY_PAUSE: Duration = Duration::from_millis(50);
/// While somebody keeps changing matches, a run would never end: after so many passes that go back the rest is left to
/// the next run.
const REPEATED_PASSES_MAX: u32 = 3;
/// Pending rows without a position that one transaction takes: it stays short.
const UNPLACED_PER_BATCH: i64 = 10_000;
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

/// Runs the stage to its end, or until the process has to end or the session is lost, which the report tells.
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
    let mut client = store::connect(database_url)?;
    migrations::require_current(&mut client)?;
    if !settings.dry_run {
        lock::acquire(&mut client, lock::key_of_name(LOCK_NAME), "the ELO stage", settings.lock_timeout)?;
    }
    status_log.event("start", json!({"dry_run": settings.dry_run, "batch_size": settings.batch_size}));

    let mut totals = Totals::default();
    let result = rate_pending(&mut client, database_url, settings, now, &mut totals, &mut status_log);
    let metrics = totals.metrics(started.elapsed(), settings.dry_run);
    let report = match &result {
        Ok(()) => report(metrics),
        Err(error) => StageReport::cut_short(metrics, error),
    };
    status_log.event("end", json!({"status": report.status.as_str(), "metrics": report.metrics.to_json()}));
    report.write(files.metrics_json.as_deref())?;
    match result {
        Err(error) if stop::reason().is_none() && error.kind() != Kind::SessionLost => Err(error),
        _ => Ok(report),
    }
}

fn report(metrics: Metrics) -> StageReport {
    if metrics.records_failed == 0 {
        return StageReport::ended(Status::Success, metrics, None);
    }
    let text = format!(
        "{} finished matches are wrong and were not rated; the log lists them",
        metrics.records_failed
    );
    StageReport::ended(Status::Partial, metrics, Some(text))
}

fn rate_pending(
    client: &mut Client,
    database_url: &str,
    settings: &Settings,
    now: OffsetDateTime,
    totals: &mut Totals,
    status_log: &mut StatusLog,
) -> Result<()> {
    let parameters = store::read_parameters(client)?;
    totals.version.clone_from(&parameters.version);
    let (cursor, dry_start) = begin(client, settings, &parameters, now)?;
    let plan = Plan {
        database_url,
        parameters: &parameters,
        checkpoint_key: &settings.checkpoint_key,
        now,
        batch_size: settings.batch_size,
        dry_run: settings.dry_run,
    };
    let mut progress = Progress::new("elo", "matches", None);
    if progress.is_shown() {
        progress.set_total(store::count_pending(client)?);
    }
    let report = Report { totals, status_log, progress };
    let mut run = Run { plan: &plan, cursor, writer: None, report };
    run.rate_passes(client, settings.max_matches, dry_start)?;
    run.clear_unplaced(client)
}

/// What a run reports to.
struct Report<'a> {
    totals: &'a mut Totals,
    status_log: &'a mut StatusLog,
    progress: Progress,
}

/// A run of the stage under way.
struct Run<'a> {
    plan: &'a Plan<'a>,
    /// The checkpoint's cursor.
    cursor: Cursor,
    writer: Option<Writer>,
    report: Report<'a>,
}

impl<'a> Run<'a> {
    /// Makes passes until nothing is pending, or `max_matches` were read (0: no bound). `dry_start`: where a dry run rates
    /// everything again although nothing is noted in the database.
    fn rate_passes(
        &mut self,
        client: &mut Client,
        max_matches: u64,
        mut dry_start: Option<Position>,
    ) -> Result<()> {
        let mut budget = if max_matches == 0 { u64::MAX } else { max_matches };
        let mut passed = None;
        let mut repeated_passes = 0;
        loop {
            // A dry run takes nothing off what is pending: it goes on behind what it has passed.
            let from = passed.filter(|_| self.plan.dry_run).unwrap_or(Position::START);
            let everything = dry_start.is_some();
            let Some(first) = dry_start.take().or(store::earliest_pending(client, from)?) else {
                return Ok(());
            };
            if first == Position::END {
                return Ok(());
            }
            repeated_passes += u32::from(passed.is_some_and(|passed| first < passed));
            if budget == 0 || repeated_passes > REPEATED_PASSES_MAX {
                self.report.totals.left_pending = true;
                return Ok(());
            }
            let (ended, left) = self.rate_pass(client, first, everything, budget)?;
            budget = left;
            passed = Some(ended);
        }
    }

    /// Makes one pass, of at most `budget` matches. Returns where it ended and what is left of the budget.
    fn rate_pass(
        &mut self,
        client: &mut Client,
        first: Position,
        everything: bool,
        mut budget: u64,
    ) -> Result<(Position, u64)> {
        let plan = self.plan;
        // The first part in the session at hand: most runs need no more.
        let mut reader = Reader::new(client)?;
        let mut pass = Pass::begin(&mut reader, plan, first, everything, self.cursor)?;
        loop {
            let batch = pass.next(&mut reader, &mut budget)?;
            stop::check()?;
            if !plan.dry_run {
                self.write(client, batch)?;
                break;
            }
            self.note(batch, 0);
            if pass.has_ended() || budget == 0 {
                break;
            }
        }
        if !plan.dry_run && !pass.has_ended() && budget > 0 {
            pass.set_mark(self.writer.as_ref().and_then(Writer::mark));
            (pass, budget) = ahead::run(plan, pass, budget, |batch| self.write(client, batch))?;
        }
        Ok((pass.frontier(), budget))
    }

    /// Writes a batch, again when other writers came in between.
    fn write(&mut self, client: &mut Client, mut batch: Batch) -> Result<()> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(Writer::new(client)?),
        };
        stop::check()?;
        let mut retries = 0;
        while let Err(error) = writer.write(client, self.plan, &mut batch) {
            retries += 1;
            if !error.is_retryable() || retries == ATTEMPTS_MAX {
                return Err(error);
            }
            log::debug!("batch lost against another writer, attempt {retries}: {error}");
            stop::sleep(RETRY_PAUSE * retries)?;
        }
        self.note(batch, retries);
        Ok(())
    }

    /// Reports a batch that is done.
    fn note(&mut self, mut batch: Batch, retries: u32) {
        self.cursor = batch.cursor;
        if self.plan.dry_run {
            batch.counts.states_written = (batch.states.len() + batch.states_gone.len()) as u64;
        }
        let Report { totals, status_log, progress } = &mut self.report;
        let counts = batch.counts;
        list_unratable(&counts.unratable);
        progress.advance(counts.matches_read);
        status_log.event(
            "batch",
            json!({
                "matches_read": counts.matches_read,
                "matches_rated": counts.matches_rated,
                "matches_rerated": counts.matches_rerated,
                "last_temporal_order": self.cursor.position.map(|position| position.temporal_order),
                "last_match_id": self.cursor.position.map(|position| position.match_id),
            }),
        );
        totals.retries += u64::from(retries);
        totals.add(counts);
    }

    /// Takes the ratings off changed matches that are not rated (any more), and brings unplayed ones up to date.
    fn clear_unplaced(&mut self, client: &mut Client) -> Result<()> {
        loop {
            let unplaced = store::read_unplaced(client, UNPLACED_PER_BATCH)?;
            if unplaced.is_empty() {
                return Ok(());
            }
            let mut counts = Counts { unplaced: unplaced.len() as u64, ..Counts::default() };
            count_unratable(&mut counts, &unplaced);
            stop::check()?;
            if !self.plan.dry_run {
                let mut transaction = store::begin_durable(client)?;
                counts.matches_cleared = store::clear_unplaced(&mut transaction, &unplaced)?;
                counts.unplayed_written = store::write_unplayed(&mut transaction, self.plan.parameters)?;
                transaction.commit().context(|| "committing a batch")?;
            }
            self.note(Batch { counts, cursor: self.cursor, ..Batch::default() }, 0);
            if self.plan.dry_run || (unplaced.len() as i64) < UNPLACED_PER_BATCH {
                return Ok(());
            }
        }
    }
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

/// Notes what the settings and the parameters add to what is pending, and reads the checkpoint. Returns the checkpoint's
/// cursor, and where a dry run begins.
fn begin(
    client: &mut Client,
    settings: &Settings,
    parameters: &Parameters,
    now: OffsetDateTime,
) -> Result<(Cursor, Option<Position>)> {
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
    Ok((cursor, dry_start))
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
