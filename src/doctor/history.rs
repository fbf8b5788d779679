//! What the runs so far have left: what waits, what failed, and whether the pipeline keeps going.

use postgres::{Client, Transaction};
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::{Findings, Settings};
use crate::db::utc;
use crate::error::Result;
use crate::pipeline::stages::RATING_STAGE;
use crate::pipeline::status_log::timestamp;
use crate::report::runs::{DIED, Run};
use crate::report::status::{self, Report};

/// Three hourly runs were missed.
const STALE: Duration = Duration::hours(3);
/// Somebody has to look.
const DEAD: Duration = Duration::hours(24);
/// A person decides within a week, or not at all.
const REVIEW_AGE: Duration = Duration::days(7);
/// No transaction of a pipeline that is well lasts so long.
const TRANSACTION_AGE: Duration = Duration::hours(1);
/// Years of hourly runs; nobody asks for the first ones.
const RUNS_MANY: i64 = 5_000;
/// So many failed files are named; `teelo status` has them all.
const NAMED_MAX: usize = 3;

pub(super) fn examine(
    client: &mut Client,
    settings: &Settings,
    now: OffsetDateTime,
    findings: &mut Findings,
) {
    findings.ask(client, "old transactions", |session, findings| old_transactions(session, now, findings));
    findings.ask(client, "pending work", |session, findings| pending(session, now, findings));
    findings.ask(client, "reviews", |session, findings| reviews(session, now, findings));
    findings.ask(client, "retention", |session, findings| retention(session, settings, findings));
    let Some(lock_key) = settings.lock_key else { return };
    match status::load(client, lock_key, None, now) {
        Ok(report) => {
            freshness(&report, findings);
            last_run(&report, findings);
            lock(&report, findings);
            failed_files(&report, findings);
        }
        Err(error) => findings.error(
            "last run",
            format!("the runs cannot be read: {error}"),
            "grant what is lacking, or see who keeps the tables locked",
        ),
    }
}

fn shown(time: PrimitiveDateTime) -> String {
    timestamp(time.assume_utc())
}

fn old_transactions(
    session: &mut Transaction<'_>,
    now: OffsetDateTime,
    findings: &mut Findings,
) -> Result<()> {
    let limit = std::time::SystemTime::from(now - TRANSACTION_AGE);
    let rows = session.query(include_str!("../../sql/doctor/old_transactions_read.sql"), &[&limit])?;
    if rows.is_empty() {
        findings.ok("old transactions", "no transaction has been open for an hour");
    }
    for row in rows {
        let (pid, program): (i32, String) = (row.get("pid"), row.get("program"));
        let since: String = row.get("since");
        let message = format!(
            "{program} (server process {pid}) has had a transaction open since {since}: tables grow meanwhile, and `teelo migrate` \
             may have to wait for it"
        );
        findings.warning(
            "old transactions",
            message,
            format!("end it there, or by pg_terminate_backend({pid}) in psql"),
        );
    }
    Ok(())
}

fn pending(session: &mut Transaction<'_>, now: OffsetDateTime, findings: &mut Findings) -> Result<()> {
    let row = session.query_one(include_str!("../../sql/doctor/pending_read.sql"), &[&RATING_STAGE])?;
    let changes: i64 = row.get("changes");
    let last_success: Option<PrimitiveDateTime> = row.get("last_success");
    let is_old = last_success.is_none_or(|at| utc(now) - at > DEAD);
    if changes == 0 {
        findings.ok("pending work", "nothing waits to be rated");
    } else if row.get::<_, Option<bool>>("is_always_left").unwrap_or(false) {
        findings.warning(
            "pending work",
            format!("{changes} changes wait to be rated, and the last runs all left some over"),
            "let a run rate more (ELO_INCREMENTAL_MAX_MATCHES, 0 is all), or rate the rest once by hand: `teelo elo`",
        );
    } else if is_old {
        let since = match last_success {
            Some(at) => format!("the stage {RATING_STAGE} last succeeded at {}", shown(at)),
            None => format!("the stage {RATING_STAGE} has not succeeded in any run"),
        };
        findings.warning(
            "pending work",
            format!("{changes} changes wait to be rated; {since}"),
            "rate them by hand (`teelo elo`), and see that `teelo run` runs every hour, with this stage",
        );
    } else {
        findings.ok("pending work", format!("{changes} changes wait for the next run"));
    }
    Ok(())
}

fn reviews(session: &mut Transaction<'_>, now: OffsetDateTime, findings: &mut Findings) -> Result<()> {
    let week_ago = utc(now - REVIEW_AGE);
    let row = session.query_one(include_str!("../../sql/doctor/reviews_read.sql"), &[&week_ago])?;
    let waiting: i64 = row.get("waiting");
    match row.get::<_, Option<PrimitiveDateTime>>("oldest") {
        None => findings.ok("reviews", "no name waits for a decision"),
        Some(oldest) if oldest < week_ago => {
            let (came, decided): (i64, i64) = (row.get("came"), row.get("decided"));
            let message = format!(
                "{waiting} names wait for a decision, the oldest since {}; in the last 7 days {came} came and {decided} were decided. \
                 Their results are missing meanwhile",
                shown(oldest)
            );
            findings.warning("reviews", message, "decide them: `teelo identities --help`");
        }
        Some(_) => findings
            .ok("reviews", format!("{waiting} names wait for a decision, none for longer than a week")),
    }
    Ok(())
}

fn retention(session: &mut Transaction<'_>, settings: &Settings, findings: &mut Findings) -> Result<()> {
    let row = session.query_one(include_str!("../../sql/doctor/runs_count.sql"), &[])?;
    let (runs, oldest): (i64, Option<PrimitiveDateTime>) = (row.get("runs"), row.get("oldest"));
    match (settings.keep_days, oldest) {
        (Some(days), _) => findings.ok("retention", format!("runs are kept for {days} days")),
        (None, Some(oldest)) if runs > RUNS_MANY => findings.information(
            "retention",
            format!("{runs} runs are kept, the oldest of {}: nothing removes them", shown(oldest)),
            "set TEELO_KEEP_DAYS=90 for `teelo run`, or run `teelo prune --keep-days 90` now and then",
        ),
        (None, _) => findings
            .ok("retention", format!("{runs} runs are kept, and nothing removes them (TEELO_KEEP_DAYS)")),
    }
    Ok(())
}

fn freshness(report: &Report, findings: &mut Findings) {
    let fix = "see that something starts `teelo run` every hour (systemctl list-timers teelo.timer), and why runs fail: `teelo runs`";
    match &report.freshness.last_successful {
        None if report.runs.is_empty() => {
            findings.information(
                "freshness",
                "no run yet",
                "start one: `teelo run`; then have it started every hour",
            );
        }
        None => findings.error("freshness", "no run has succeeded yet", fix),
        Some(run) => {
            let message = format!("the last successful run ended at {}", run.ended_at);
            match Duration::seconds_f64(run.age_s).abs() {
                age if age > DEAD => findings.error("freshness", message, fix),
                age if age > STALE => findings.warning("freshness", message, fix),
                _ => findings.ok("freshness", message),
            }
        }
    }
}

fn last_run(report: &Report, findings: &mut Findings) {
    let Some(run) = report.runs.first() else { return };
    let message = format!("the last run, {}, stands as {}", run.run_id, run.status);
    match run.status.as_str() {
        "success" | "partial" | "running" => findings.ok("last run", message),
        DIED => findings.warning(
            "last run",
            format!("{message}: its process is gone, and recorded no end"),
            "nothing: the next run marks it as abandoned and goes on where it stopped. When runs die often, look for the reason in \
             journalctl -u teelo, or for the kernel ending it for lack of memory",
        ),
        _ => findings.warning("last run", format!("{message}{}", reason(run)), format!("see why: `teelo runs {}`", run.run_id)),
    }
}

/// What the first stage said that failed.
fn reason(run: &Run) -> String {
    let stage = run.stages.iter().find(|stage| stage.error_text.is_some() && stage.status != "skipped");
    let error = run.error_text.as_ref().or_else(|| stage?.error_text.as_ref());
    error.and_then(|error| error.lines().next()).map(|line| format!(": {line}")).unwrap_or_default()
}

fn lock(report: &Report, findings: &mut Findings) {
    let is_on = report.runs.first().is_some_and(|run| run.status == "running");
    match &report.lock_holder {
        None => findings.ok("lock", "the pipeline's lock is free"),
        Some(holder) if is_on => findings.ok("lock", format!("a run is on: {holder} holds the lock")),
        Some(holder) => findings.warning(
            "lock",
            format!("{holder} holds the pipeline's lock, but no run is on: no run can begin"),
            format!(
                "the legacy orchestrator may be working: wait for it. A session that does nothing is ended by \
                 pg_terminate_backend({}) in psql",
                holder.pid
            ),
        ),
    }
}

fn failed_files(report: &Report, findings: &mut Findings) {
    let failed: Vec<_> = report.queue.failures.iter().filter(|task| task.status == "failed").collect();
    if failed.is_empty() {
        findings.ok("failed files", "no feed file has failed for good");
        return;
    }
    let names: Vec<String> = failed
        .iter()
        .take(NAMED_MAX)
        .map(|task| task.file.clone().unwrap_or_else(|| format!("task {}", task.id)))
        .collect();
    let more = if failed.len() > NAMED_MAX { ", …" } else { "" };
    let message = format!("{} feed files failed for good: {}{more}", report.queue.failed, names.join(", "));
    findings.warning(
        "failed files",
        message,
        "mend them (`teelo status` says what is wrong, `teelo ingest --check FILE` finds it all): they are tried again when they change",
    );
}
