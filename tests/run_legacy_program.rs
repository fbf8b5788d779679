//! A stand-in for Teelo's own Python script behind the ingest stage: it takes that script's flags and no others, and writes its
//! metrics in that script's shape.

#[path = "support/feed.rs"]
mod feed;
#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::process::Command;

use feed::{result, write};
use pipeline::Pipeline;
use serde_json::json;
use support::run;

/// Every row that a run may write, with its physical version.
fn dump(pipeline: &Pipeline) -> Vec<String> {
    let rows = pipeline.database.client().query(include_str!("sql/elo_dump.sql"), &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// `teelo run` with the stand-in, on the folder `feed`.
fn hourly(pipeline: &Pipeline) -> Command {
    let script = pipeline.script("update_current_events.sh", include_str!("support/legacy_ingest.sh"));
    let mut command = pipeline.command(&script, &[]);
    command.env("TEELO", env!("CARGO_BIN_EXE_teelo")).env("FEED", pipeline.path("feed"));
    command
}

#[test]
fn the_legacy_program_sits_behind_the_stage_unchanged() {
    let pipeline = Pipeline::new("legacy");
    std::fs::create_dir(pipeline.path("feed")).unwrap();
    let matches =
        [result(1, 2, "SF", "6-4 6-4"), result(3, 4, "SF", "6-1 6-1"), result(1, 3, "F", "7-5 7-5")];
    write(&pipeline.path("feed"), "atp_matches_2024.csv", &matches);
    let output = run(&mut hourly(&pipeline)).expect_code(0);
    assert!(output.stdout.contains("3 scanned, 2 processed, 0 skipped, 1 failed"), "{}", output.stdout);
    let (row, stages) = pipeline.only_run();
    assert_eq!(stages[..2], ["current_events_ingest success", "elo_incremental success"]);
    let ingest = pipeline.ingest_row();
    assert_eq!(ingest.metrics["aggregate"]["timings"], json!({"discover_s": 0.25, "scrape_s": 1.5}));
    assert_eq!(ingest.metrics["worker_metrics"][0]["tasks_processed"], 3);
    assert_eq!(ingest.metrics["subprocess"], json!({"exit_code": 0, "signal": null, "warnings": []}));
    let calls = std::fs::read_to_string(pipeline.path("calls")).unwrap();
    assert_eq!(calls, format!("4 yes all no  {} current_events_ingest\n", row.run_id));
    let events = pipeline.run_folder(&row.run_id).join("current_events_ingest/status.jsonl");
    assert_eq!(std::fs::read_to_string(events).unwrap().lines().count(), 2);
    assert_eq!(pipeline.stage_rows()[1].metrics["matches_rated"], 3);
    pipeline.database.teelo(&["verify"]).expect_code(0);

    let before = dump(&pipeline);
    run(&mut hourly(&pipeline)).expect_code(0);
    assert_eq!(dump(&pipeline), before, "the second run writes nothing");
}

#[test]
fn the_settings_become_the_legacy_programs_flags_and_what_it_refuses_is_told() {
    let pipeline = Pipeline::new("legacy_flags");
    std::fs::create_dir(pipeline.path("feed")).unwrap();
    let mut command = hourly(&pipeline);
    command.env("UPDATE_CURRENT_EVENTS_WORKERS", "2").env("UPDATE_CURRENT_EVENTS_TOURS", "ATP,WTA");
    command.env("UPDATE_CURRENT_EVENTS_CLEAR_QUEUE", "true");
    command.env("UPDATE_CURRENT_EVENTS_EXTRA_ARGS", "--tournament 'Roland Garros'");
    run(&mut command).expect_code(0);
    let run_id = pipeline.only_run().0.run_id;
    let calls = std::fs::read_to_string(pipeline.path("calls")).unwrap();
    assert_eq!(calls, format!("2 yes ATP,WTA yes Roland Garros {run_id} current_events_ingest\n"));

    let output = run(command.env("UPDATE_CURRENT_EVENTS_EXTRA_ARGS", "--headfull")).expect_code(1);
    assert!(output.stderr.contains("error: unrecognized arguments: --headfull"), "{}", output.stderr);
    let failed = &pipeline.stage_rows()[3];
    assert!(failed.error_text.contains("failed with exit code 2"), "{}", failed.error_text);
    assert_eq!(failed.metrics["subprocess"]["exit_code"], 2);
}
