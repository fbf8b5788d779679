//! The stage `current_events_ingest`: a program that brings results in, run as a subprocess (INGEST.md, "The
//! subprocess contract"). By default that program is `teelo ingest`.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::follow::Follower;
use super::metrics::{Metrics, StageReport, Status};
use super::stages::Context;
use super::subprocess::{self, Ended, Launch, signal_name, with_stderr};
use crate::error::{EXIT_PARTIAL, Error, Result};
use crate::stop;

/// A metrics file is some kilobytes, with a list of thousands of files some megabytes; one beyond this is not one.
const METRICS_BYTES_MAX: u64 = 16 << 20;

/// What the stage runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The program and its own arguments; not empty.
    pub command: Vec<OsString>,
    /// PATH, to say why a program is not found.
    pub search_path: Option<OsString>,
    /// `--workers`.
    pub workers: u32,
    /// `--tours`: a list with commas.
    pub tours: Option<String>,
    /// `--clear-queue`.
    pub clear_queue: bool,
    /// What is appended last.
    pub extra_arguments: Vec<OsString>,
}

/// Runs the program to its end.
///
/// # Errors
/// The program cannot be started.
pub fn run(context: &mut Context<'_>) -> Result<StageReport> {
    let folder = context.folder.clone();
    let settings = &context.settings.current_events;
    let mut command = settings.command.clone();
    command.extend(arguments(settings, &folder.status_jsonl, &folder.metrics_json));
    let launch = Launch {
        command: &command,
        search_path: settings.search_path.as_deref(),
        environment: [("TEELO_RUN_ID", context.run_id), ("TEELO_STAGE", context.stage)],
        stdout: Some(&folder.stdout_log),
        stderr: &folder.stderr_log,
    };
    let ended = {
        let mut follower = Follower::new(context.stage, folder.status_jsonl.clone());
        subprocess::run(&launch, &mut || {
            follower.tick();
            stop::reason().is_none()
        })?
    };
    let mut warnings = Vec::new();
    let mut metrics = read_metrics(&folder.metrics_json, &mut warnings);
    if ended.left_behind > 0 {
        warnings.push(format!("{} processes that the program had left behind were ended", ended.left_behind));
    }
    if !ended.survivors.is_empty() {
        warnings.push(format!("these processes of the program cannot be ended: {:?}", ended.survivors));
    }
    for warning in &warnings {
        log::warn!("{}: {warning}", context.stage);
    }
    let (exit_code, signal) = (ended.status.code(), ended.status.signal());
    metrics.set("subprocess", json!({"exit_code": exit_code, "signal": signal, "warnings": warnings}));
    let program = command[0].to_string_lossy();
    let (status, reason) = outcome(&program, &ended, metrics.records_failed);
    let error_text = reason.map(|reason| with_stderr(&reason, &folder.stderr_log));
    Ok(StageReport::ended(status, metrics, error_text))
}

/// What is appended to the command, as the contract orders it.
pub fn arguments(settings: &Settings, status_jsonl: &Path, metrics_json: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    arguments.extend(["--workers".into(), settings.workers.to_string().into(), "--quiet-worker-logs".into()]);
    arguments.extend(["--status-jsonl".into(), status_jsonl.into()]);
    arguments.extend(["--metrics-json".into(), metrics_json.into()]);
    if let Some(tours) = &settings.tours {
        arguments.extend(["--tours".into(), tours.into()]);
    }
    if settings.clear_queue {
        arguments.push("--clear-queue".into());
    }
    arguments.extend_from_slice(&settings.extra_arguments);
    arguments
}

/// What the program's end means for the stage, with the reason when it is no success. An exit code is only a partial success
/// when the program also says how many records failed: other programs may mean something else by it.
fn outcome(program: &str, ended: &Ended, records_failed: u64) -> (Status, Option<String>) {
    if let Some(reason) = stop::reason().filter(|_| ended.stopped) {
        return (Status::stopped(reason), Some(format!("{program} was stopped: {reason}")));
    }
    match ended.status.code() {
        Some(0) => (Status::Success, None),
        Some(code) if code == i32::from(EXIT_PARTIAL) && records_failed > 0 => (
            Status::Partial,
            Some(format!("{program} finished; records rejected: {records_failed} (exit code {code})")),
        ),
        Some(code) => (Status::Failed, Some(format!("{program} failed with exit code {code}"))),
        None => (Status::Failed, Some(format!("{program} was ended by {}", signal_name(ended.status)))),
    }
}

/// The numbers that the program left in `path`. Their absence is a warning, not a failure.
fn read_metrics(path: &Path, warnings: &mut Vec<String>) -> Metrics {
    match read_object(path) {
        Ok(object) => metrics_of(object, warnings),
        Err(error) => {
            warnings.push(format!("no metrics: {error}"));
            Metrics::default()
        }
    }
}

/// The JSON object in the file `path`.
fn read_object(path: &Path) -> Result<Map<String, Value>> {
    let unusable = |what: String| Error::failed(format!("{}: {what}", path.display()));
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => unusable("the program did not write it".to_owned()),
        _ => unusable(error.to_string()),
    })?;
    if !metadata.is_file() || metadata.len() > METRICS_BYTES_MAX {
        return Err(unusable(format!("it is no file of at most {METRICS_BYTES_MAX} bytes")));
    }
    let bytes = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    match serde_json::from_slice(&bytes).map_err(|error| unusable(format!("it is no JSON: {error}")))? {
        Value::Object(object) => Ok(object),
        _ => Err(unusable("it is no JSON object".to_owned())),
    }
}

/// The required counters out of the program's own: by our names, else by those of the Python script, which sit
/// under `aggregate`. All of the program's numbers are kept.
fn metrics_of(mut object: Map<String, Value>, warnings: &mut Vec<String>) -> Metrics {
    let aggregate = object.get("aggregate").and_then(Value::as_object).cloned();
    let mut missing = Vec::new();
    let mut counter = |name: &'static str, legacy_name: Option<&str>| {
        let legacy = || aggregate.as_ref()?.get(legacy_name?).cloned();
        let Some(value) = object.remove(name).or_else(legacy) else {
            missing.push(name);
            return 0;
        };
        as_count(&value).unwrap_or_else(|| {
            warnings.push(format!("metrics: {name} should be a count, but is {value}; taken as 0"));
            0
        })
    };
    let mut metrics = Metrics {
        records_scanned: counter("records_scanned", Some("tasks_processed")),
        records_processed: counter("records_processed", Some("tasks_completed")),
        records_skipped: counter("records_skipped", None),
        records_failed: counter("records_failed", Some("tasks_failed")),
        ..Metrics::default()
    };
    // The Python script counts nothing as skipped.
    missing.retain(|name| aggregate.is_none() || *name != "records_skipped");
    if !missing.is_empty() {
        warnings.push(format!("metrics: taken as 0, because missing: {}", missing.join(", ")));
    }
    // The stage's duration is measured by the run.
    object.remove("duration_s");
    metrics.details = object;
    metrics
}

/// A whole number that is not negative; Python may have written it as `12.0`.
fn as_count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(value: Value) -> (Metrics, Vec<String>) {
        let mut warnings = Vec::new();
        let metrics = metrics_of(value.as_object().expect("an object").clone(), &mut warnings);
        (metrics, warnings)
    }

    #[test]
    fn the_python_scripts_counters_are_understood() {
        let aggregate =
            json!({"tasks_processed": 12, "tasks_completed": 10.0, "tasks_failed": 2, "timings": {"a": 1.5}});
        let (metrics, warnings) = metrics(json!({"duration_s": 7, "aggregate": aggregate, "workers": 4}));
        assert_eq!((metrics.records_scanned, metrics.records_processed), (12, 10));
        assert_eq!((metrics.records_skipped, metrics.records_failed), (0, 2));
        assert_eq!(metrics.details["aggregate"], aggregate);
        assert_eq!(metrics.details["workers"], 4);
        assert_eq!(warnings, Vec::<String>::new());
    }

    #[test]
    fn our_own_counters_come_first_and_what_is_no_count_is_named() {
        let (metrics, warnings) = metrics(json!({
            "records_scanned": 5, "records_processed": -1, "records_skipped": "3", "aggregate": {"tasks_processed": 9}
        }));
        assert_eq!((metrics.records_scanned, metrics.records_processed, metrics.records_skipped), (5, 0, 0));
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert!(warnings[0].contains("records_processed should be a count, but is -1"), "{warnings:?}");
        assert!(warnings[1].contains("records_skipped should be a count, but is \"3\""), "{warnings:?}");
        assert!(warnings[2].contains("missing: records_failed"), "{warnings:?}");
    }

    #[test]
    fn counters_that_are_missing_are_named() {
        let (_, warnings) = metrics(json!({"records_scanned": 5}));
        assert_eq!(
            warnings,
            ["metrics: taken as 0, because missing: records_processed, records_skipped, records_failed"]
        );
    }
}
