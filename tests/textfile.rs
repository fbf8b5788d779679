//! `teelo run --textfile`: the numbers for Prometheus.

#[path = "support/exposition.rs"]
mod exposition;
#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use exposition::read;
use pipeline::{METRICS, Pipeline};
use support::run;

fn page(path: &Path) -> BTreeMap<String, f64> {
    read(&std::fs::read_to_string(path).unwrap())
}

fn now_s() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64()
}

#[test]
fn a_run_leaves_its_numbers_and_those_of_its_stages() {
    let pipeline = Pipeline::new("textfile");
    pipeline.database.client().batch_execute(include_str!("sql/status_tasks.sql")).unwrap();
    pipeline.database.client().batch_execute(include_str!("sql/identities.sql")).unwrap();
    let script = pipeline.script("ingest.sh", METRICS);
    let before = now_s();
    let output = run(&mut pipeline.command(&script, &["--textfile", "prometheus/teelo.prom"])).expect_code(0);
    assert_eq!(output.stderr, "");
    let path = pipeline.path("prometheus/teelo.prom");
    let samples = page(&path);
    let value = |name: &str| *samples.get(name).unwrap_or_else(|| panic!("{name} of {samples:#?}"));
    for name in [
        "teelo_run_start_timestamp_seconds",
        "teelo_run_end_timestamp_seconds",
        "teelo_last_success_timestamp_seconds",
    ] {
        assert!(value(name) > before - 2.0 && value(name) < now_s() + 2.0, "{name} {}", value(name));
    }
    assert!(value("teelo_run_duration_seconds") > 0.0);
    for (name, expected) in [
        ("teelo_build_info{version=\"0.1.0\"}", 1.0),
        ("teelo_run_success", 1.0),
        ("teelo_run_status{status=\"success\"}", 1.0),
        ("teelo_run_status{status=\"failed\"}", 0.0),
        ("teelo_stage_status{stage=\"elo_incremental\",status=\"success\"}", 1.0),
        ("teelo_stage_records{stage=\"current_events_ingest\",outcome=\"scanned\"}", 7.0),
        ("teelo_stage_records{stage=\"current_events_ingest\",outcome=\"processed\"}", 5.0),
        ("teelo_stage_records{stage=\"current_events_ingest\",outcome=\"skipped\"}", 1.0),
        ("teelo_stage_records{stage=\"current_events_ingest\",outcome=\"failed\"}", 1.0),
        ("teelo_pending_changes", 0.0),
        ("teelo_queue_tasks{status=\"failed\"}", 31.0),
        ("teelo_queue_tasks{status=\"retry\"}", 1.0),
        ("teelo_queue_tasks{status=\"pending\"}", 1.0),
        ("teelo_queue_tasks{status=\"in_progress\"}", 1.0),
        ("teelo_reviews_waiting", 2.0),
    ] {
        assert_eq!(value(name), expected, "{name}");
    }
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o644, "node_exporter may read it");
    let others = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(others, 1, "no temporary file is left");
}

#[test]
fn a_failed_run_says_so_and_when_the_last_good_one_was() {
    let pipeline = Pipeline::new("textfile_failed");
    pipeline.run_script(METRICS, &[]).expect_code(0);
    let script = pipeline.script("ingest.sh", "exit 1");
    let mut command = pipeline.command(&script, &[]);
    run(command.env("TEELO_TEXTFILE", pipeline.path("teelo.prom"))).expect_code(1);
    let samples = page(&pipeline.path("teelo.prom"));
    assert_eq!(samples["teelo_run_success"], 0.0);
    assert_eq!(samples["teelo_run_status{status=\"failed\"}"], 1.0);
    assert_eq!(samples["teelo_stage_status{stage=\"elo_incremental\",status=\"skipped\"}"], 1.0);
    assert!(!samples.contains_key("teelo_stage_duration_seconds{stage=\"elo_incremental\"}"), "{samples:?}");
    let (success, begin) =
        (samples["teelo_last_success_timestamp_seconds"], samples["teelo_run_start_timestamp_seconds"]);
    assert!(success > 1.7e9 && success <= begin + 1.0, "{success} {begin}");
    // The flag wins, and the file is replaced.
    std::fs::write(pipeline.path("flag.prom"), "old").unwrap();
    let mut command = pipeline.command(&script, &["--textfile", "flag.prom"]);
    run(command.env("TEELO_TEXTFILE", pipeline.path("unused.prom"))).expect_code(1);
    assert!(!page(&pipeline.path("flag.prom")).is_empty());
    assert!(!pipeline.path("unused.prom").exists());
}

#[test]
fn a_file_that_cannot_be_written_is_a_warning() {
    let pipeline = Pipeline::new("textfile_unwritable");
    let script = pipeline.script("ingest.sh", METRICS);
    std::fs::create_dir(pipeline.path("teelo.prom")).unwrap();
    for path in ["ingest.sh/teelo.prom", "teelo.prom"] {
        let output = run(&mut pipeline.command(&script, &["--textfile", path])).expect_code(0);
        assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
        let warning = format!("were not written (--textfile, TEELO_TEXTFILE): writing {path}: ");
        assert!(output.stderr.contains(&warning), "{}", output.stderr);
    }
    let left = std::fs::read_dir(pipeline.path("")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{left:?}");
    assert!(pipeline.run_rows().iter().all(|row| row.status == "success"));
}

#[test]
fn the_reader_is_strict() {
    const GOOD: &str =
        "# HELP a_seconds Text.\n# TYPE a_seconds gauge\na_seconds{b=\"c\"} 1\na_seconds 2.5\n";
    assert_eq!(read(GOOD).len(), 2);
    for (part, broken) in [
        ("2.5\n", "2.5"),
        ("a_seconds 2.5", "a_seconds{b=\"c\"} 2.5"),
        ("2.5", "much"),
        ("a_seconds 2.5", "b_seconds 2.5"),
        ("gauge", "gauges"),
        ("# HELP a_seconds Text.\n", ""),
        ("# TYPE a_seconds gauge\n", ""),
        ("b=\"c\"", "b=c"),
        ("b=\"c\"", "1b=\"c\""),
        ("b=\"c\"}", "b=\"c\""),
        (" 2.5", "  2.5 "),
    ] {
        let page = GOOD.replacen(part, broken, 1);
        assert_ne!(page, GOOD);
        assert!(std::panic::catch_unwind(|| read(&page)).is_err(), "accepted:\n{page}");
    }
}
