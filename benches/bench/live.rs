//! The pipeline with ratings made by the stage after the ingest, and the old way: match by match inside of it
//! (ENABLE_LIVE_ELO_INGEST). Both sides are whole runs of the pipeline; in the first row only their ingest stage counts.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use teelo::db;

use crate::Result;
use crate::process::{self, Ran};
use crate::server::Bench;
use crate::table::{Bar, Row, Times};

/// The database without rows.
const EMPTY: &str = "empty";
/// The ingest alone, without ratings, takes at most this part of what it takes with them.
const INGEST_RATIO: f64 = 0.2;

/// One run of the pipeline.
struct Run {
    whole: Ran,
    ingest: Duration,
}

/// The group's rows.
pub fn rows(bench: &mut Bench) -> Result<Vec<Row>> {
    bench.prepare(EMPTY, None, |_| Ok(()))?;
    let feed = bench.small_feed()?;
    let (mut off, mut on) = (Vec::new(), Vec::new());
    let mut checked: Option<String> = None;
    for turn in 0..bench.turns {
        for is_live in [turn % 2 == 0, turn % 2 != 0] {
            let (run, content) = bench.on_copy(EMPTY, |url| {
                let run = run(url, &feed, is_live)?;
                Ok((run, ratings(url)?))
            })?;
            if checked.as_ref().is_some_and(|other| *other != content) {
                return Err("the two ways left different ratings: nothing was measured".into());
            }
            checked = Some(content);
            if is_live { &mut on } else { &mut off }.push(run);
        }
    }
    let times = |runs: &[Run], of: fn(&Run) -> Duration| Times::new(runs.iter().map(of).collect());
    let peak_kb = off.iter().map(|run| run.whole.peak_kb).max();
    Ok(vec![
        Row {
            name: "ingest stage of `teelo run`, without ratings".to_owned(),
            ours: times(&off, |run| run.ingest),
            floor: Some(times(&on, |run| run.ingest)),
            bar: Bar::Ratio(INGEST_RATIO),
            peak_kb: None,
            note: "a tenth of the data, with the pipeline's own settings; in place of a floor: the same with ENABLE_LIVE_ELO_INGEST=true".to_owned(),
        },
        Row {
            name: "the same, the whole `teelo run`".to_owned(),
            ours: times(&off, |run| run.whole.took),
            floor: Some(times(&on, |run| run.whole.took)),
            bar: Bar::Ratio(1.0),
            peak_kb,
            note: "both with the ELO stage after the ingest; both leave the same ratings".to_owned(),
        },
    ])
}

fn ratings(url: &str) -> Result<String> {
    Ok(db::connect(url, "bench")?.query_one(include_str!("../sql/ratings_hash.sql"), &[])?.get(0))
}

/// A run of both stages from an empty database.
fn run(url: &str, feed: &Path, is_live: bool) -> Result<Run> {
    let artifacts = feed.join(".artifacts").display().to_string();
    let environment = [
        ("TEELO_FEED_DIRS", feed.display().to_string()),
        ("TEELO_ARTIFACTS_DIR", artifacts),
        ("ENABLE_LIVE_ELO_INGEST", is_live.to_string()),
    ];
    let arguments = ["run", "--stages", "current_events_ingest,elo_incremental", "--json"];
    let whole = process::run_with(url, &arguments, &environment, &[0, 3])?;
    let summary: Value = serde_json::from_str(&whole.stdout)?;
    let stages = summary["stages"].as_array().ok_or("the summary has no stages")?;
    let seconds = stages
        .iter()
        .find(|stage| stage["name"] == "current_events_ingest")
        .and_then(|stage| stage["metrics"]["duration_s"].as_f64())
        .ok_or("the ingest stage has no duration_s")?;
    Ok(Run { whole, ingest: Duration::from_secs_f64(seconds) })
}
