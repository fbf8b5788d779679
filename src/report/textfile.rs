//! A run's numbers for Prometheus, in the text format that node_exporter reads from files.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::status::Report;
use crate::pipeline::metrics::Status;
use crate::pipeline::summary::{StageRecord, Summary};

/// How a run or a stage may stand at the end of a run.
const STATUSES: [Status; 6] = [
    Status::Success,
    Status::Partial,
    Status::Failed,
    Status::Skipped,
    Status::TimedOut,
    Status::Interrupted,
];

/// The metrics of the run that has ended, and of how things stand after it, when that could be found out.
pub fn text(summary: &Summary, standing: Option<&Report>) -> String {
    let mut page = Page::default();
    page.one("teelo_build_info", "The program's version.", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    run(&mut page, summary);
    stages(&mut page, &summary.stages);
    if let Some(standing) = standing {
        standing_metrics(&mut page, standing);
    }
    page.text
}

fn run(page: &mut Page, summary: &Summary) {
    let begin = summary.started_at;
    let end = summary.ended_at.unwrap_or(begin);
    let is_success = matches!(summary.status, Status::Success | Status::Partial);
    page.one("teelo_run_start_timestamp_seconds", "When the last run began.", &[], seconds(begin));
    page.one("teelo_run_end_timestamp_seconds", "When the last run ended.", &[], seconds(end));
    page.one("teelo_run_duration_seconds", "How long the last run lasted.", &[], summary.duration_s);
    page.one(
        "teelo_run_success",
        "Whether the last run succeeded, at least in part.",
        &[],
        f64::from(u8::from(is_success)),
    );
    page.family("teelo_run_status", "How the last run ended: 1 for its status, 0 for the others.");
    for status in STATUSES {
        let is_it = f64::from(u8::from(summary.status == status));
        page.sample("teelo_run_status", &[("status", status.as_str())], is_it);
    }
}

fn stages(page: &mut Page, stages: &[StageRecord]) {
    page.family(
        "teelo_stage_status",
        "How each stage of the last run ended: 1 for its status, 0 for the others.",
    );
    for stage in stages {
        for status in STATUSES {
            let labels = [("stage", stage.name), ("status", status.as_str())];
            page.sample("teelo_stage_status", &labels, f64::from(u8::from(stage.status == status)));
        }
    }
    let ran = || stages.iter().filter_map(|stage| Some((stage.name, stage.metrics.as_ref()?)));
    page.family(
        "teelo_stage_duration_seconds",
        "How long each stage of the last run lasted that was not skipped.",
    );
    for (name, metrics) in ran() {
        page.sample("teelo_stage_duration_seconds", &[("stage", name)], metrics.duration_s);
    }
    page.family("teelo_stage_records", "What each stage of the last run did with its records.");
    for (name, metrics) in ran() {
        for (outcome, count) in [
            ("scanned", metrics.records_scanned),
            ("processed", metrics.records_processed),
            ("skipped", metrics.records_skipped),
            ("failed", metrics.records_failed),
        ] {
            page.sample("teelo_stage_records", &[("stage", name), ("outcome", outcome)], count as f64);
        }
    }
}

fn standing_metrics(page: &mut Page, standing: &Report) {
    let last_success = standing.freshness.last_successful.as_ref();
    if let Some(at) = last_success.and_then(|run| OffsetDateTime::parse(&run.ended_at, &Rfc3339).ok()) {
        let help = "When the last successful run ended, this one or an earlier one.";
        page.one("teelo_last_success_timestamp_seconds", help, &[], seconds(at));
    }
    let pending = standing.pending.changes;
    page.one("teelo_pending_changes", "Changes that wait to be rated.", &[], pending as f64);
    let queue = &standing.queue;
    page.family("teelo_queue_tasks", "Feed files in the queue.");
    for (status, count) in [
        ("pending", queue.pending),
        ("in_progress", queue.in_progress),
        ("retry", queue.retry),
        ("failed", queue.failed),
    ] {
        page.sample("teelo_queue_tasks", &[("status", status)], count as f64);
    }
    let help = "Names that wait for a person's decision.";
    page.one("teelo_reviews_waiting", help, &[], standing.reviews_waiting as f64);
}

fn seconds(time: OffsetDateTime) -> f64 {
    time.unix_timestamp_nanos() as f64 / 1e9
}

/// A page in the making. Everything is a gauge: a run begins at nothing.
#[derive(Debug, Default)]
struct Page {
    text: String,
}

impl Page {
    /// A metric with one sample.
    fn one(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        self.family(name, help);
        self.sample(name, labels, value);
    }

    /// What a metric is; its samples follow.
    fn family(&mut self, name: &str, help: &str) {
        self.text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
    }

    /// A sample. The values of labels are ours, so that nothing in them has to be escaped.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.text.push_str(&format!("{name}{labels} {value}\n"));
    }
}
