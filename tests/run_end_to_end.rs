//! `teelo run` as the timer starts it: our own ingest on feed files, then the ratings.

#[path = "support/feed.rs"]
mod feed;
#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use feed::{result, write};
use pipeline::Pipeline;
use support::{Output, run};

/// Runs the pipeline on the folder `feed`.
fn hourly(pipeline: &Pipeline) -> Output {
    let mut command = pipeline.command("", &[]);
    command.env_remove("UPDATE_CURRENT_EVENTS_COMMAND").env("TEELO_FEED_DIRS", pipeline.path("feed"));
    run(&mut command)
}

/// Every row that a run may write, with its physical version.
fn dump(pipeline: &Pipeline) -> Vec<String> {
    let rows = pipeline.database.client().query(include_str!("sql/elo_dump.sql"), &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn results_come_in_are_rated_and_a_run_without_news_writes_no_match() {
    let pipeline = Pipeline::new("end_to_end");
    let folder = pipeline.path("feed");
    std::fs::create_dir(&folder).unwrap();
    // The second record cannot be used: nobody plays against himself.
    let first = [result(1, 2, "SF", "6-4 6-4"), result(5, 5, "SF", "6-4 6-4")];
    write(&folder, "atp_matches_2024.csv", &first);
    let output = hourly(&pipeline).expect_code(3);
    assert!(output.stdout.contains("2 scanned, 1 processed, 0 skipped, 1 failed"), "{}", output.stdout);
    assert!(output.stdout.contains("1 scanned, 1 processed, 0 skipped, 0 failed"), "{}", output.stdout);
    assert!(!output.stdout.contains("no match was written"), "{}", output.stdout);
    let (row, stages) = pipeline.only_run();
    assert_eq!(
        stages,
        ["current_events_ingest partial", "elo_incremental success", "player_enrichment_incremental skipped"]
    );
    let rejects = pipeline.run_folder(&row.run_id).join("current_events_ingest").join("rejects.jsonl");
    assert_eq!(std::fs::read_to_string(rejects).unwrap().lines().count(), 1);

    let before = dump(&pipeline);
    let output = hourly(&pipeline).expect_code(0);
    assert!(output.stdout.contains("\nno match was written\n"), "{}", output.stdout);
    assert_eq!(dump(&pipeline), before);

    // The other semifinal and the final came in, and the first result was the other way round.
    let corrected =
        [result(2, 1, "SF", "6-4 6-4"), result(3, 4, "SF", "6-1 6-1"), result(3, 2, "F", "7-5 7-5")];
    write(&folder, "atp_matches_2024.csv", &corrected);
    let output = hourly(&pipeline).expect_code(0);
    assert!(!output.stdout.contains("no match was written"), "{}", output.stdout);
    let rankings = pipeline.database.teelo(&["rankings"]).expect_code(0).stdout;
    let names: Vec<&str> = rankings.lines().skip(3).map(|line| line[6..15].trim()).collect();
    assert_eq!(names, ["Player N3", "Player N2", "Player N1", "Player N4"], "{rankings}");
}
